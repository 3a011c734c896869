using AkkaWal.Storage.Repair;
using AkkaWal.TestKit;

namespace AkkaWal.Storage.Tests.Maintenance;

/// <summary>A verification beside a writer takes nothing that the writer does meanwhile for a fault.</summary>
public sealed class LiveVerifySpec : IDisposable
{
    private const string Dir = "/log";

    private const int PerSegment = 3, PayloadBytes = 1000;

    private static readonly WalOptions Options = new() { MaxSegmentBytes = PerSegment * PayloadBytes };

    private readonly SimulatedDisk _disk = new();
    private readonly SegmentedLog _log;

    /// <summary>Four sealed segments of three records, and an active one of one.</summary>
    public LiveVerifySpec()
    {
        _log = SegmentedLog.Open(Dir, Options, _disk);
        Append(4 * PerSegment + 1);
        _log.Close();
        // The MANIFEST lists them now.
        _log = SegmentedLog.Open(Dir, Options, _disk);
    }

    public void Dispose() => _log.Dispose();

    [Fact]
    public void Roll_in_the_middle_of_a_look_should_be_no_fault()
    {
        BeforeNextReadOf(_log.Segments[^1].File.Replace(".log", ".index", StringComparison.Ordinal), () => Append(2));
        var report = Verify();
        Assert.Empty(report.Faults);
        Assert.Null(report.Refusal);
        Assert.Equal(4 * PerSegment + 3, report.RecordCount);
    }

    [Fact]
    public void Deletion_of_segments_that_are_not_read_yet_should_be_no_fault()
    {
        BeforeNextReadOf(_log.Segments[0].File, () => _log.TruncateBefore(2 * PerSegment));
        var report = Verify();
        Assert.Empty(report.Faults);
        Assert.Equal(2 * PerSegment + 1, report.RecordCount);
    }

    [Fact]
    public void Segment_that_is_compressed_meanwhile_should_be_read_in_its_new_form()
    {
        BeforeNextReadOf(_log.Segments[0].File, () => _log.CompressSegment(_log.Segments[1].File));
        var report = Verify();
        Assert.Empty(report.Faults);
        Assert.Equal(4 * PerSegment + 1, report.RecordCount);
    }

    [Fact]
    public void Fault_that_lasts_should_be_reported_beside_a_writer_too()
    {
        _disk.Delete($"{Dir}/{_log.Segments[1].File}");
        Assert.Equal(["S1"], Verify().Faults.Select(fault => fault.Row));
    }

    private void Append(int count)
    {
        for (var appended = 0; appended < count; appended++)
        {
            _log.Append(new byte[PayloadBytes]);
            _log.Commit();
        }
    }

    private VerifyReport Verify() => LogVerifier.Verify(Dir, Options, _disk);

    private void BeforeNextReadOf(string file, Action action) => _disk.ReadFaults = (path, _) =>
    {
        if (path != $"{Dir}/{file}") return false;
        _disk.ReadFaults = null;
        action();
        return false;
    };
}
