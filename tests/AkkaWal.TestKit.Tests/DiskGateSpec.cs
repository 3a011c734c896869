using AkkaWal.Storage;
using AkkaWal.Storage.Files;

namespace AkkaWal.TestKit.Tests;

/// <summary>Operations of the simulated disk that a test holds back, fails or waits for.</summary>
public sealed class DiskGateSpec
{
    private const string Dir = "/data";

    private readonly SimulatedDisk _disk = new();

    public DiskGateSpec() => _disk.CreateDirectory(Dir);

    public static TheoryData<DiskOperationKind> Kinds() => [.. Enum.GetValues<DiskOperationKind>()];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Held_operation_should_wait_while_the_rest_of_the_disk_goes_on(DiskOperationKind kind)
    {
        Prepare();
        using var gate = _disk.Hold(kind, "");
        var done = _disk.Next(kind, "");
        var before = _disk.Operations.Count;

        var held = Task.Run(() => Do(kind));
        await gate.Reached.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(before, _disk.Operations.Count);
        Assert.Equal(3, _disk.ReadAll($"{Dir}/a").Length);
        Assert.False(done.IsCompleted);

        gate.Open();
        await held;
        Assert.Equal(kind, (await done).Kind);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Held_operation_should_fail_where_its_gate_says_so(DiskOperationKind kind)
    {
        Prepare();
        using var gate = _disk.Hold(kind, "");
        var done = _disk.Next(kind, "");

        var held = Task.Run(() => Do(kind));
        await gate.Reached.WaitAsync(TimeSpan.FromSeconds(60));
        gate.Fail(DiskFault.NoSpace);

        Assert.True((await Assert.ThrowsAsync<WalIOException>(() => held)).IsOutOfSpace);
        Assert.False(done.IsCompleted);
    }

    [Fact]
    public async Task Operation_through_an_open_directory_should_be_held_as_well()
    {
        Prepare();
        using var directory = _disk.OpenDirectory(Dir);
        using var gate = _disk.Hold(DiskOperationKind.Rename, "c");

        var held = Task.Run(() => directory.Rename($"{Dir}/a", $"{Dir}/c"));
        await gate.Reached.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Null(_disk.Stat($"{Dir}/c"));

        gate.Open();
        await held;
        Assert.NotNull(_disk.Stat($"{Dir}/c"));
    }

    [Fact]
    public async Task Held_read_should_wait_while_another_file_is_read()
    {
        Prepare();
        using var gate = _disk.HoldReads("a");
        using var file = _disk.Open($"{Dir}/a", FileAccessMode.Read);
        using var other = _disk.Open($"{Dir}/b", FileAccessMode.Read);

        var held = Task.Run(() => file.Read(0, new byte[3]));
        await gate.Reached.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(3, other.Read(0, new byte[3]));
        Assert.False(held.IsCompleted);
        Assert.Throws<InvalidOperationException>(() => gate.Fail(DiskFault.Error));

        gate.Open();
        Assert.Equal(3, await held);
    }

    [Fact]
    public async Task Gate_should_count_what_it_holds_and_let_shorter_reads_pass()
    {
        Prepare();
        using var gate = _disk.HoldReads("", minBytes: 3);
        using var file = _disk.Open($"{Dir}/a", FileAccessMode.Read);
        Assert.Equal(2, file.Read(0, new byte[2]));
        Assert.False(gate.Reached.IsCompleted);

        var held = new[] { Task.Run(() => file.Read(0, new byte[3])), Task.Run(() => file.Read(1, new byte[3])) };
        gate.AwaitReached(2);
        Assert.DoesNotContain(held, read => read.IsCompleted);

        gate.Open();
        var counts = await Task.WhenAll(held);
        Assert.Equal([3, 2], counts);
    }

    [Fact]
    public void Fault_should_end_with_its_count_or_when_the_disk_is_healed()
    {
        Prepare();
        using var file = _disk.Open($"{Dir}/a", FileAccessMode.ReadWrite);
        _disk.Fail(DiskOperationKind.Write, "a", DiskFault.Error, times: 2);
        Assert.Throws<WalIOException>(() => file.Write(0, [7]));
        Assert.Throws<WalIOException>(() => file.Write(0, [7]));
        file.Write(0, [7]);

        _disk.Fail(DiskOperationKind.Write, "a", DiskFault.Error);
        Assert.Throws<WalIOException>(() => file.Write(0, [8]));
        _disk.Heal();
        file.Write(1, [8]);
        Assert.Equal([7, 8, 3], _disk.ReadAll($"{Dir}/a"));
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            _disk.Fail(DiskOperationKind.Write, "a", DiskFault.Error, times: 0));
    }

    private void Prepare()
    {
        _disk.Overwrite($"{Dir}/a", [1, 2, 3]);
        _disk.Overwrite($"{Dir}/b", [1, 2, 3]);
        _disk.CreateDirectory($"{Dir}/empty");
    }

    private void Do(DiskOperationKind kind)
    {
        using var file = _disk.Open($"{Dir}/b", FileAccessMode.ReadWrite);
        Action act = kind switch
        {
            DiskOperationKind.Create => () => _disk.Open($"{Dir}/new", FileAccessMode.CreateNew).Dispose(),
            DiskOperationKind.Truncate => () => _disk.Open($"{Dir}/b", FileAccessMode.CreateOrTruncate).Dispose(),
            DiskOperationKind.Write => () => file.Write(0, [9]),
            DiskOperationKind.SetLength => () => file.SetLength(1),
            DiskOperationKind.Sync => file.Sync,
            DiskOperationKind.Rename => () => _disk.Rename($"{Dir}/b", $"{Dir}/c"),
            DiskOperationKind.Link => () => _disk.Link($"{Dir}/b", $"{Dir}/c"),
            DiskOperationKind.Delete => () => _disk.Delete($"{Dir}/b"),
            DiskOperationKind.CreateDirectory => () => _disk.CreateDirectory($"{Dir}/more"),
            DiskOperationKind.DeleteDirectory => () => _disk.DeleteDirectory($"{Dir}/empty"),
            DiskOperationKind.MakeReadOnly => () => _disk.MakeReadOnly($"{Dir}/b"),
            DiskOperationKind.SyncDirectory => () => _disk.SyncDirectory(Dir),
            _ => () => _disk.Lock($"{Dir}/LOCK").Dispose(),
        };
        act();
    }
}
