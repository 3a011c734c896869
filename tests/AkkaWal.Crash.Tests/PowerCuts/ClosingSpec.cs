using AkkaWal.Crash.Tests.Workloads;
using AkkaWal.Storage;
using AkkaWal.TestKit;

namespace AkkaWal.Crash.Tests.PowerCuts;

public sealed class ClosingSpec
{
    private readonly SimulatedDisk _disk = new();
    private readonly List<string> _notes = [];

    [Fact]
    public void Close_should_throw_what_a_dispose_only_notes()
    {
        var log = OpenWithRecord();
        _disk.Faults = FailedSync;
        Assert.Throws<WalOutcomeUnknownException>(log.Close);
        log.Dispose();
        Assert.Empty(_notes);
    }

    [Fact]
    public void Dispose_should_note_a_failed_sync_and_not_throw()
    {
        var log = OpenWithRecord();
        _disk.Faults = FailedSync;
        log.Dispose();
        Assert.StartsWith("the log was not closed cleanly: ", Assert.Single(_notes), StringComparison.Ordinal);
        _disk.Faults = null;
        Workload.Open(_disk, SampleLog.Options).Close();
    }

    [Fact]
    public void Close_should_make_durable_what_was_appended()
    {
        OpenWithRecord().Close();
        using var log = Workload.Open(_disk.Kill(), SampleLog.Options);
        Assert.True(log.TryRead(0, out var payload));
        Assert.Equal([7], payload);
        Assert.False(log.TryRead(1, out _));
        Assert.Equal(1, Assert.Throws<WalNotFoundException>(() => log.Read(1)).Offset);
    }

    private SegmentedLog OpenWithRecord()
    {
        var log = SegmentedLog.Open(Workload.Directory, SampleLog.Options, _disk, _notes.Add);
        log.Append([7]);
        return log;
    }

    private static DiskFault? FailedSync(DiskOperation operation) =>
        operation.Kind == DiskOperationKind.Sync ? DiskFault.Error : null;
}
