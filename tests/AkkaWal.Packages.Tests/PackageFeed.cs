using AkkaWal.Tests.House;

namespace AkkaWal.Packages.Tests;

/// <summary>A folder with all packages, packed once for all specs.</summary>
public sealed class PackageFeed : IAsyncLifetime
{
    internal static readonly string[] Libraries =
        ["AkkaWal.Storage", "AkkaWal", "AkkaWal.Hosting", "AkkaWal.Streams", "AkkaWal.Cluster", "AkkaWal.TestKit"];

    internal string Folder { get; } = Directory.CreateTempSubdirectory("akkawal-feed-").FullName;

    // What these specs were built as is what is packed.
    private static string Configuration =>
        AppContext.BaseDirectory.TrimEnd('/').EndsWith("release", StringComparison.OrdinalIgnoreCase)
            ? "Release" : "Debug";

    public async Task InitializeAsync()
    {
        foreach (var name in Libraries.Append("AkkaWal.Node"))
            await DotNet.RunAsync(
                Checkout.Root, "pack", $"src/{name}", "-c", Configuration, "--no-build", "-o", Folder);
    }

    public Task DisposeAsync()
    {
        Directory.Delete(Folder, recursive: true);
        return Task.CompletedTask;
    }
}

/// <summary>The specs that use the SDK share the packages.</summary>
[CollectionDefinition(DotNet.Collection)]
public sealed class PackageUsers : ICollectionFixture<PackageFeed>;
