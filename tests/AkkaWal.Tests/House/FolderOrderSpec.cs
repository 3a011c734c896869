using AkkaWal.Tests.House.Rules;

namespace AkkaWal.Tests.House;

/// <summary>
/// Within a project each folder uses only those that come before it: there is no cycle between folders.
/// </summary>
public sealed class FolderOrderSpec
{
    /// <summary>The projects with folders in an order, the lowest level first; see <see cref="FolderOrder"/>.</summary>
    private static readonly Dictionary<string, string[][]> Orders = new()
    {
        ["AkkaWal.Storage"] =
        [
            ["WalException.cs", "WalIOCause.cs", "WalFaultException.cs", "Setting.cs", "Advice.cs"],
            ["Files"],
            ["Files/DryRun"],
            ["Files/Wrappers"],
            ["Files/Posix/Calls"],
            ["Files/Posix"],
            ["Files/Native"],
            ["Files/Portable"],
            ["WalFileSystem.cs"],
            ["SegmentState.cs", "SegmentInfo.cs", "CompressionCodec.cs", "FlushPolicy.cs", "GapPolicy.cs"],
            ["Format"],
            ["ISegmentArchive.cs", "WalOptions.cs", "LogReaderOptions.cs", "BatchLimits.cs", "RetentionPolicy.cs"],
            ["LogFault.cs", "RepeatedNotes.cs"],
            ["Frames"],
            ["Blocks"],
            ["Index"],
            ["Segments"],
            ["Tail"],
            ["Recovery"],
            ["Checks"],
            ["Epochs"],
            ["Catalog/Archive"],
            ["Catalog"],
            ["Maintenance"],
            ["Backup"],
            ["Repair"],
        ],
        ["AkkaWal"] =
        [
            ["Protocol"],
            ["Protocol/Internal"],
            ["Configuration/Hocon", "WalConfigException.cs"],
            ["Configuration", "WalSettings.cs", "WalMetrics.cs", "WalProps.cs"],
            ["Serialization"],
            ["Answers"],
            ["Routes", "WalRequestException.cs"],
            [
                "WalRecord.cs", "ScanOptions.cs", "WalTracing.cs", "IWalClient.cs", "WalClient.cs",
                "RetryingClient.cs", "RecordStream.cs",
            ],
            ["Subscriptions"],
            ["Segment/Commit"],
            ["Segment"],
            ["Manager/State"],
            ["Manager/Readers"],
            ["Manager/Maintenance"],
            ["Manager"],
        ],
        ["AkkaWal.Cluster"] =
        [
            ["WalPlacement.cs", "ShardedRequest.cs", "ShardedWalMetrics.cs"],
            ["Naming"],
            ["Messages"],
            ["Placement"],
            ["Leases"],
            ["Entity"],
            ["ShardedWal.cs", "Client"],
        ],
        ["AkkaWal.Node"] =
        [
            ["Output"],
            ["Json"],
            ["Input"],
            ["Kafka/Messages"],
            ["Kafka/Keys"],
            ["Kafka"],
            ["Translation"],
            ["Translation/Operations"],
            ["Bridge/Setup"],
            ["Bridge/Requests"],
            ["Bridge"],
            ["Data"],
            ["Startup"],
            ["CommandLine"],
            ["CommandLine/Health"],
            ["CommandLine/Records"],
            ["CommandLine/Segments"],
        ],
        ["AkkaWal.TestKit"] =
        [
            ["CutMode.cs", "DiskOperation.cs", "DiskGate.cs"],
            ["Simulation/Tree"],
            ["Simulation"],
        ],
    };

    private static readonly FolderOrder Synthetic = new("App", ["Low", "Options.cs"], ["Low/Inner"], ["High"]);

    public static TheoryData<string> Projects() => [.. Orders.Keys];

    [Theory]
    [MemberData(nameof(Projects))]
    public void Folder_should_use_only_those_before_it(string project)
    {
        var offences = new FolderOrder(project, Orders[project]).Offences(SourceText.Below($"src/{project}")).ToList();
        Assert.True(offences.Count == 0, string.Join("\n", offences));
    }

    [Fact]
    public void Order_should_hold_where_each_folder_uses_only_those_before_it() => Assert.Empty(Synthetic.Offences(
    [
        new(
            "Low/Bottom.cs",
            "namespace App.Low; /// <see cref=\"Top\"/>\nclass Bottom(Options o) { int Top => o.Top; }"),
        new("Low/Inner/Middle.cs", "using App.Low; namespace App.Low.Inner; class Middle : Bottom;"),
        new("High/Top.cs", "using App.Low; using App.Low.Inner; namespace App.High; class Top { Middle a; Bottom b; }"),
        new("Options.cs", "namespace App; class Options { internal int Top; }"),
        new("Program.cs", "using App.High; namespace App; class Program { Top a; Options b; }"),
    ]));

    [Theory]
    [InlineData("Low/Bottom.cs", "using App.High; namespace App.Low; class Bottom;", "Low/Bottom.cs: using App.High")]
    [InlineData("Low/Bottom.cs", "namespace App.Low; class Bottom { Top a; }", "Low/Bottom.cs: Top")]
    [InlineData("Low/Bottom.cs", "namespace App.Low; class Bottom { High.Top a; }", "Low/Bottom.cs: Top")]
    [InlineData("Low/Bottom.cs", "namespace App.Low; class Bottom { int A => High.Top.B; }", "Low/Bottom.cs: Top")]
    [InlineData(
        "Low/Bottom.cs", "namespace App.Low; class Bottom { object A => new List<Top>(); }", "Low/Bottom.cs: Top")]
    [InlineData(
        "Low/Inner/Middle.cs", "namespace App.Low.Inner; class Middle : Program;", "Low/Inner/Middle.cs: Program")]
    [InlineData("Options.cs", "namespace App; class Options { Top a; }", "Options.cs: Top")]
    [InlineData(
        "High/Deep/A.cs", "namespace App.High.Deep; class A;", "High/Deep/A.cs: its folder has no place in the order")]
    public void Planted_cycle_should_be_found(string path, string text, string offence)
    {
        SourceText[] others =
        [
            new(
                "High/Top.cs",
                "using App.Low; namespace App.High; class Top { Bottom a; Options b; internal static int B; }"),
            new("Program.cs", "using App.High; namespace App; class Program { Top a; }"),
        ];
        Assert.Equal([offence], Synthetic.Offences([.. others, new(path, text)]));
    }
}
