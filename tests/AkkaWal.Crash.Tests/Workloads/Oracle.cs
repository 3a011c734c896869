using AkkaWal.Storage;
using AkkaWal.TestKit;

namespace AkkaWal.Crash.Tests.Workloads;

/// <summary>
/// Knows what a log has promised and what it may hold. Recovered logs are checked against it.
/// <code>
///   0 ......... Durable ......... Written ......... Submitted
///   | survives    | survives a      | may be there,   | was never
///   | everything  | process's death | whole batches   | written
/// </code>
/// </summary>
internal sealed class Oracle
{
    private readonly List<byte[]> _payloads;
    private readonly List<bool> _endsBatch;
    private readonly HashSet<long> _deleted;
    private List<long> _beingDeleted = [];

    public Oracle() : this([], [], [])
    {
    }

    private Oracle(List<byte[]> payloads, List<bool> endsBatch, HashSet<long> deleted) =>
        (_payloads, _endsBatch, _deleted) = (payloads, endsBatch, deleted);

    /// <summary>Records below this offset survive a power cut.</summary>
    public long DurableNextOffset { get; private set; }

    /// <summary>Records below this offset survive the death of the process.</summary>
    public long WrittenNextOffset { get; private set; }

    public long SubmittedNextOffset => _payloads.Count;

    /// <summary>Whether a deletion of unknown outcome was begun.</summary>
    public bool IsDeleting => _beingDeleted.Count > 0;

    public Oracle Fork() => new([.. _payloads], [.. _endsBatch], [.. _deleted])
    {
        DurableNextOffset = DurableNextOffset, WrittenNextOffset = WrittenNextOffset, _beingDeleted = _beingDeleted,
    };

    public void Submitted(params IReadOnlyList<byte[]> batch)
    {
        for (var i = 0; i < batch.Count; i++)
        {
            _payloads.Add(batch[i]);
            _endsBatch.Add(i == batch.Count - 1);
        }
    }

    /// <summary>Takes the log's committed and durable ends as promises.</summary>
    public void Promised(long writtenNextOffset, long durableNextOffset)
    {
        WrittenNextOffset = Math.Max(WrittenNextOffset, writtenNextOffset);
        DurableNextOffset = Math.Max(DurableNextOffset, durableNextOffset);
    }

    /// <summary>Records from this offset on definitely did not happen, and must never appear.</summary>
    public void Refused(long nextOffset)
    {
        BrokenPromiseException.Unless(
            nextOffset >= WrittenNextOffset,
            $"offset {WrittenNextOffset - 1} was acknowledged, and the log goes on at {nextOffset}");
        var count = _payloads.Count - (int)nextOffset;
        _payloads.RemoveRange((int)nextOffset, count);
        _endsBatch.RemoveRange((int)nextOffset, count);
    }

    /// <summary>From now on either all of these offsets are gone or none.</summary>
    public void DeletionBegins(IEnumerable<SegmentInfo> segments) =>
        _beingDeleted = [.. segments.SelectMany(segment => Offsets(segment.StartOffset, segment.EndOffset + 1))];

    /// <summary>The outcome is known: deleted offsets must not come back, and no others may be gone.</summary>
    public void DeletionEnds(bool happened)
    {
        if (happened)
            _deleted.UnionWith(_beingDeleted);
        _beingDeleted = [];
    }

    /// <summary>The power was cut: records that only the operating system had are not promised any more.</summary>
    public void PowerWasCut() => WrittenNextOffset = DurableNextOffset;

    /// <summary>
    /// Checks a log that was just opened. Afterwards exactly its records are promised: they were readable, so they must
    /// be on the disk.
    /// </summary>
    public void CheckAndAdopt(SegmentedLog log)
    {
        var next = log.NextOffset;
        BrokenPromiseException.Unless(
            next >= WrittenNextOffset,
            $"records up to offset {WrittenNextOffset - 1} were acknowledged, and the log ends at {next - 1}");
        BrokenPromiseException.Unless(
            next <= SubmittedNextOffset,
            $"records up to offset {SubmittedNextOffset - 1} were submitted, and the log ends at {next - 1}");
        BrokenPromiseException.Unless(
            next == 0 || _endsBatch[(int)next - 1], $"the log ends at {next - 1}, inside a batch");
        BrokenPromiseException.Unless(
            next == log.CommittedNextOffset && next == log.DurableNextOffset,
            $"the log ends at {next} and serves what it does not call durable");
        CheckSegments(log);
        CheckRecords(log);
        Refused(next);
        Promised(next, next);
    }

    /// <summary>
    /// Requires that every committed record that was not deleted is read as it was submitted, and that no other can be
    /// read.
    /// </summary>
    public void CheckRecords(SegmentedLog log)
    {
        for (var offset = -1L; offset <= log.CommittedNextOffset; offset++)
        {
            if (IsDeleting && _beingDeleted.Contains(offset))
                continue;
            var isHeld = offset >= 0 && offset < log.CommittedNextOffset && !_deleted.Contains(offset);
            var found = TryRead(log, offset);
            BrokenPromiseException.Unless(
                isHeld == found is not null, $"offset {offset} is {(isHeld ? "not " : "")}served");
            BrokenPromiseException.Unless(
                found is null || found.AsSpan().SequenceEqual(_payloads[(int)offset]),
                $"offset {offset} is not what was submitted");
        }
    }

    /// <summary>Checks the records that can be read without opening the log. Promises nothing more.</summary>
    public void CheckReadable(LogReader reader)
    {
        BrokenPromiseException.Unless(
            reader.NextOffset >= WrittenNextOffset && reader.NextOffset <= SubmittedNextOffset
                && reader.DurableNextOffset <= reader.NextOffset,
            $"records up to offset {WrittenNextOffset - 1} were acknowledged, and up to {reader.NextOffset - 1} "
            + $"can be read, up to {reader.DurableNextOffset - 1} as durable");
        for (var offset = reader.StartOffset; offset < reader.NextOffset; offset++)
        {
            if (_deleted.Contains(offset) || _beingDeleted.Contains(offset))
                continue;
            BrokenPromiseException.Unless(
                reader.Read(offset).AsSpan().SequenceEqual(_payloads[(int)offset]),
                $"offset {offset} is not what was submitted");
        }
    }

    private static byte[]? TryRead(SegmentedLog log, long offset)
    {
        try
        {
            return log.Read(offset);
        }
        catch (WalNotFoundException)
        {
            return null;
        }
    }

    private void CheckSegments(SegmentedLog log)
    {
        List<long> held = [];
        foreach (var segment in log.Segments)
        {
            var offsets = Offsets(segment.StartOffset, segment.EndOffset + 1);
            held.AddRange(offsets);
            BrokenPromiseException.Unless(
                segment.SizeBytes == offsets.Sum(offset => 8 + _payloads[(int)offset].Length),
                $"{segment} has another size");
        }

        if (IsDeleting)
            DeletionEnds(!held.Contains(_beingDeleted[0]));
        BrokenPromiseException.Unless(
            held.SequenceEqual(Offsets(0, log.NextOffset).Where(offset => !_deleted.Contains(offset))),
            $"the segments hold {string.Join(",", held)} and not all up to {log.NextOffset - 1} but "
            + string.Join(",", _deleted));
        BrokenPromiseException.Unless(
            log.StartOffset == held.FirstOrDefault(log.NextOffset), $"the log starts at {log.StartOffset}");
    }

    private static List<long> Offsets(long first, long next)
    {
        List<long> offsets = [];
        for (; first < next; first++)
            offsets.Add(first);
        return offsets;
    }
}

/// <summary>A log broke a promise.</summary>
internal sealed class BrokenPromiseException(string message) : Exception(message)
{
    private const int MaxTracedOperations = 60;

    public static void Unless(bool holds, string otherwise)
    {
        if (!holds)
            throw new BrokenPromiseException(otherwise);
    }

    /// <summary>Requires that every file and lock on a disk was given back.</summary>
    public static void UnlessNothingIsOpen(SimulatedDisk disk, string when) => Unless(
        disk.OpenHandleCount == 0 && disk.HeldLockCount == 0,
        $"{when} {disk.OpenHandleCount} files and {disk.HeldLockCount} locks are open");

    /// <summary>The failure of a run, with what is needed to find its cause.</summary>
    /// <param name="run">What the run was: its seed, its fault.</param>
    /// <param name="seed">The seed that repeats the run alone; null if the run has none.</param>
    /// <param name="disk">The run's disk. Its last operations are in the message.</param>
    /// <param name="cause">The failure.</param>
    public static BrokenPromiseException InRun(string run, int? seed, SimulatedDisk disk, Exception cause) => new(
        $"{run}: {cause.Message}\n"
        + (seed is null ? "" : $"run it alone: AKKAWAL_SEED={seed}\n")
        + $"the last operations:\n  {string.Join("\n  ", disk.Operations.TakeLast(MaxTracedOperations))}\n{cause}");
}
