using System.Reflection;
using AkkaWal.Cluster;
using AkkaWal.Hosting;
using AkkaWal.Storage;
using AkkaWal.Streams;
using AkkaWal.TestKit;
using AkkaWal.Tests.House;
using PublicApiGenerator;

namespace AkkaWal.Packages.Tests;

/// <summary>
/// The public API of each library is the one that was approved. A change of it shows in a diff of <c>Api/*.txt</c>.
/// With <c>AKKAWAL_APPROVE_API=1</c> the spec writes these files anew.
/// </summary>
public sealed class PublicApiSpec
{
    private static readonly Assembly[] Libraries =
    [
        typeof(SegmentedLog).Assembly,
        typeof(LogManager).Assembly,
        typeof(WalHostingExtensions).Assembly,
        typeof(WalSource).Assembly,
        typeof(ShardedWal).Assembly,
        typeof(SimulatedDisk).Assembly,
    ];

    public static TheoryData<string> Names() => [.. Libraries.Select(library => library.GetName().Name!)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Public_api_should_be_the_approved_one(string name)
    {
        var library = Libraries.Single(one => one.GetName().Name == name);
        var api = library.GeneratePublicApi(new ApiGeneratorOptions { IncludeAssemblyAttributes = false }) + "\n";
        var approved = Path.Combine(Checkout.Root, "tests", "AkkaWal.Packages.Tests", "Api", $"{name}.txt");
        if (Environment.GetEnvironmentVariable("AKKAWAL_APPROVE_API") == "1") File.WriteAllText(approved, api);
        var hint = $"the public API of {name} changed: run this spec with AKKAWAL_APPROVE_API=1 and look at the diff";
        Assert.True(File.Exists(approved) && File.ReadAllText(approved) == api, hint);
    }
}
