using AkkaWal.Cluster.Placement;
using AkkaWal.Storage;
using AkkaWal.Storage.Files;
using AkkaWal.TestKit;

namespace AkkaWal.Cluster.Tests.Setup;

/// <summary>A root that a node may not write is refused when the node starts, and stays as it is.</summary>
public sealed class UnwritableRootSpec
{
    private const string Root = "/mnt/orders";

    private static readonly IReadOnlyList<string> Owner = ["cluster shop", "region orders"];

    private readonly SimulatedDisk _disk = new();

    public UnwritableRootSpec() => _disk.CreateDirectory(Root);

    [Fact]
    public void Root_with_logs_should_be_refused_while_it_is_read_only()
    {
        NewRoot().Claim(mayInitialize: true);
        using (var log = SegmentedLog.Open($"{Root}/orders", new WalOptions(), _disk))
        {
            log.Append("record"u8);
            log.Commit();
        }
        var before = Names();
        _disk.Fail(DiskOperationKind.Create, "", DiskFault.ReadOnlyFileSystem);
        AssertRefused(DiskFault.ReadOnlyFileSystem);
        Assert.Equal(before, Names());

        _disk.Heal();
        NewRoot().Claim(mayInitialize: true);
        using var again = SegmentedLog.Open($"{Root}/orders", new WalOptions(), _disk);
        Assert.Equal("record"u8.ToArray(), again.Read(0));
    }

    [Theory]
    [InlineData(DiskOperationKind.Create)]
    [InlineData(DiskOperationKind.Write)]
    [InlineData(DiskOperationKind.Sync)]
    [InlineData(DiskOperationKind.Rename)]
    public void Empty_root_in_which_no_marker_can_be_written_should_stay_empty(DiskOperationKind kind)
    {
        _disk.Fail(kind, "", DiskFault.NotPermitted);
        AssertRefused(DiskFault.NotPermitted);
        Assert.Empty(Names());

        _disk.Heal();
        NewRoot().Claim(mayInitialize: true);
        Assert.Equal([ShardedRoot.MarkerName], Names());
    }

    private ShardedRoot NewRoot() => new(_disk, Root, Owner);

    private string[] Names() => [.. _disk.List(Root).Select(entry => entry.Name)];

    private void AssertRefused(DiskFault fault)
    {
        var refusal = Assert.Throws<WalConfigException>(() => NewRoot().Claim(mayInitialize: true));
        Assert.StartsWith($"the root {Root} of sharded logs can't be used", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(fault.Reason, refusal.Message, StringComparison.Ordinal);
    }
}
