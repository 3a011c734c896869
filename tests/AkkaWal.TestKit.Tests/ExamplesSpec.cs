using System.Text.RegularExpressions;
using AkkaWal.Protocol;
using AkkaWal.Tests;
using AkkaWal.Tests.House;

namespace AkkaWal.TestKit.Tests;

/// <summary>The examples of README.md and docs/TESTING.md, word for word.</summary>
public sealed partial class ExamplesSpec : ActorSpec
{
    [Fact]
    public void Order_should_survive_a_power_cut()
    {
        using var wal = WalScenario.Start(Sys);
        wal.Log.Tell(new Append("one apple"u8.ToArray(), RequestId: 1), TestActor);
        Assert.Equal(0, ExpectMsg<Appended>().Offset);

        wal.CutPower();

        wal.Log.Tell(new Read(0, RequestId: 2), TestActor);
        Assert.Equal("one apple"u8.ToArray(), ExpectMsg<RecordRead>().Payload.ToArray());
    }

    [Fact]
    public void Append_that_a_power_cut_interrupts_should_be_unknown_and_take_nothing_acknowledged_with_it()
    {
        using var wal = WalScenario.Start(Sys);
        wal.Log.Tell(new Append("one apple"u8.ToArray(), RequestId: 1), TestActor);
        Assert.Equal(new Appended(0, 1), ExpectMsg<Appended>());

        // The second order is written, but its sync is held back: nobody may be told that it is recorded.
        var syncs = wal.HoldSyncs();
        wal.Log.Tell(new Append("two pears"u8.ToArray(), RequestId: 2), TestActor);
        syncs.AwaitReached();
        Assert.False(HasMessages);

        // Whoever waits learns that it may or may not be recorded. A log starts on what the cut has left.
        wal.CutPower();
        Assert.Equal(FailureKind.OutcomeUnknown, ExpectMsg<RequestFailed>().Kind);

        wal.Log.Tell(new Read(0, RequestId: 3), TestActor);
        Assert.Equal("one apple"u8.ToArray(), ExpectMsg<RecordRead>().Payload.ToArray());
        wal.Log.Tell(new GetLogInfo(RequestId: 4), TestActor);
        Assert.Equal(1, ExpectMsg<LogInfo>().NextOffset);
    }

    [Fact]
    public async Task Append_should_be_refused_while_the_disk_is_full_and_taken_when_there_is_room()
    {
        using var wal = WalScenario.Start(Sys);
        wal.Disk.Fail(DiskOperationKind.Write, ".log", DiskFault.NoSpace);
        var refused = await Assert.ThrowsAsync<WalRequestException>(
            () => wal.Client.AppendAsync("one apple"u8.ToArray()));
        Assert.Equal(FailureKind.Aborted, refused.Kind);

        wal.Disk.Heal();
        Assert.Equal(0, await wal.Client.AppendAsync("one apple"u8.ToArray()));
    }

    [Theory]
    [InlineData("README.md", 1)]
    [InlineData("docs/TESTING.md", 2)]
    public void Example_should_be_one_that_runs(string document, int count)
    {
        var source = Unindented(File.ReadAllText(
            Path.Combine(Checkout.Root, "tests", "AkkaWal.TestKit.Tests", $"{nameof(ExamplesSpec)}.cs")));
        var examples = Example().Matches(File.ReadAllText(Path.Combine(Checkout.Root, document)))
            .Select(match => Unindented(match.Value)).ToList();
        Assert.Equal(count, examples.Count);
        Assert.All(examples, example => Assert.Contains(example, source, StringComparison.Ordinal));
    }

    private static string Unindented(string text) => string.Join('\n', text.Split('\n').Select(line => line.Trim()));

    // A test in a block of code: from its attribute to the brace in the attribute's column.
    [GeneratedRegex(@"^(?<indent> *)\[Fact\]\n.*?^\k<indent>\}$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Example();
}
