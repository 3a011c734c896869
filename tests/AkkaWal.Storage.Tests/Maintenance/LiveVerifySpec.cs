using AkkaWal.Storage.Format;
using AkkaWal.Storage.Repair;
using AkkaWal.TestKit;

namespace AkkaWal.Storage.Tests.Maintenance;

/// <summary>A verification beside a writer takes nothing that the writer does meanwhile for a fault.</summary>
public sealed class LiveVerifySpec : IDisposable
{
    private const string Dir = "/log";

    private const int PerSegment = 3, PayloadBytes = 1000;

    private static readonly WalOptions Options = new()
    {
        MaxSegmentBytes = SegmentHeader.SizeBytes + PerSegment * (Frame.HeaderBytes + PayloadBytes),
    };

    private readonly SimulatedDisk _disk = new();
    private SegmentedLog _log;

    /// <summary>Four sealed segments of three records, and an active one of one.</summary>
    public LiveVerifySpec()
    {
        _log = SegmentedLog.Open(Dir, Options, _disk);
        Append(4 * PerSegment + 1);
        _log.Close();
        // The MANIFEST lists them now.
        _log = SegmentedLog.Open(Dir, Options, _disk);
        Assert.Equal(5, _log.Segments.Count);
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

    [Fact]
    public void Loss_of_a_segment_that_is_not_read_yet_should_be_reported()
    {
        var (first, second) = (_log.Segments[0].File, _log.Segments[1].File);
        BeforeNextReadOf(first, () => _disk.Delete($"{Dir}/{second}"));
        var fault = Assert.Single(Verify().Faults);
        Assert.Equal((LogFaultKind.Absent, $"{Dir}/{second}", PerSegment), (fault.Kind, fault.Path, fault.Offset));
    }

    [Fact]
    public void Loss_should_be_reported_beside_a_deletion_of_other_segments()
    {
        var (first, second, third) = (_log.Segments[0].File, _log.Segments[1].File, _log.Segments[2].File);
        BeforeNextReadOf(first, () =>
        {
            _disk.Delete($"{Dir}/{third}");
            _log.TruncateBefore(2 * PerSegment);
        });
        Assert.Equal($"{Dir}/{third}", Assert.Single(Verify().Faults).Path);
    }

    [Fact]
    public void Deletion_by_a_writer_that_is_gone_by_now_should_be_no_fault()
    {
        BeforeNextReadOf(_log.Segments[0].File, () =>
        {
            _log.TruncateBefore(2 * PerSegment);
            _log.Close();
        });
        Assert.Empty(Verify().Faults);
    }

    [Fact]
    public void Deletion_by_a_writer_that_comes_and_goes_should_be_no_fault()
    {
        var first = _log.Segments[0].File;
        _log.Close();
        BeforeNextReadOf(first, () =>
        {
            using var writer = SegmentedLog.Open(Dir, Options, _disk);
            writer.TruncateBefore(2 * PerSegment);
        });
        Assert.Empty(Verify().Faults);
    }

    [Fact]
    public void Roll_by_a_writer_that_comes_in_the_middle_of_a_look_should_be_no_fault()
    {
        var index = _log.Segments[^1].File.Replace(".log", ".index", StringComparison.Ordinal);
        _log.Close();
        BeforeNextReadOf(index, () =>
        {
            _log = SegmentedLog.Open(Dir, Options, _disk);
            Append(PerSegment);
        });
        Assert.Empty(Verify().Faults);
    }

    [Fact]
    public void Active_segment_that_is_sealed_and_deleted_before_it_is_read_should_be_no_fault()
    {
        var (first, last) = (_log.Segments[0].File, _log.Segments[^1].File);
        _log.Close();
        BeforeNextReadOf(first, () =>
        {
            _log = SegmentedLog.Open(Dir, Options, _disk);
            Append(PerSegment);
            _log.TruncateBefore(5 * PerSegment);
        });
        var report = Verify();
        Assert.Empty(report.Faults);
        Assert.Null(_disk.Stat($"{Dir}/{last}"));
    }

    [Fact]
    public void Active_segment_that_is_sealed_and_compressed_before_it_is_read_should_be_read_in_its_new_form()
    {
        var (first, last) = (_log.Segments[0].File, _log.Segments[^1].File);
        _log.Close();
        BeforeNextReadOf(first, () =>
        {
            _log = SegmentedLog.Open(Dir, Options, _disk);
            Append(PerSegment);
            _log.CompressSegment(last);
        });
        var report = Verify();
        Assert.Empty(report.Faults);
        Assert.Equal(5 * PerSegment, report.RecordCount);
    }

    [Fact]
    public void Active_segment_that_is_lost_before_it_is_read_should_be_reported()
    {
        var last = _log.Segments[^1].File;
        _log.Close();
        BeforeNextReadOf(_log.Segments[0].File, () => _disk.Delete($"{Dir}/{last}"));
        Assert.Equal($"{Dir}/{last}", Assert.Single(Verify().Faults).Path);
    }

    [Fact]
    public void Failure_to_read_a_file_that_was_replaced_meanwhile_should_be_no_fault()
    {
        var second = _log.Segments[1].File;
        BeforeNextReadOf(second, () => _log.CompressSegment(second), fails: true);
        var report = Verify();
        Assert.Empty(report.Faults);
        Assert.Equal(4 * PerSegment + 1, report.RecordCount);
    }

    [Fact]
    public void Failure_to_read_a_file_that_is_still_listed_should_be_thrown()
    {
        BeforeNextReadOf(_log.Segments[1].File, () => Append(PerSegment), fails: true);
        Assert.Throws<WalIOException>(Verify);
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

    private void BeforeNextReadOf(string file, Action action, bool fails = false) => _disk.ReadFaults = (path, _) =>
    {
        if (path != $"{Dir}/{file}") return false;
        _disk.ReadFaults = null;
        action();
        return fails;
    };
}
