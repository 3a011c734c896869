using AkkaWal.Storage;

namespace AkkaWal.Crash.Tests.Durability;

/// <summary>
/// What a log has promised and what it may hold: the whole truth that a recovered log is held against.
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

    /// <summary>Whether a deletion was begun whose outcome is not known.</summary>
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

    /// <summary>The log says how far it has come.</summary>
    public void Promised(long writtenNextOffset, long durableNextOffset)
    {
        WrittenNextOffset = Math.Max(WrittenNextOffset, writtenNextOffset);
        DurableNextOffset = Math.Max(DurableNextOffset, durableNextOffset);
    }

    /// <summary>What was submitted from here on definitely did not happen, and must never come.</summary>
    public void Refused(long nextOffset)
    {
        BrokenPromiseException.Unless(
            nextOffset >= WrittenNextOffset,
            $"offset {WrittenNextOffset - 1} was acknowledged, and the log goes on at {nextOffset}");
        var count = _payloads.Count - (int)nextOffset;
        _payloads.RemoveRange((int)nextOffset, count);
        _endsBatch.RemoveRange((int)nextOffset, count);
    }

    /// <summary>From here on all of those offsets are gone, or none.</summary>
    public void DeletionBegins(IEnumerable<SegmentInfo> segments) =>
        _beingDeleted = [.. segments.SelectMany(segment => Offsets(segment.StartOffset, segment.EndOffset + 1))];

    /// <summary>The outcome is known: nothing gone may come back, nothing else may be gone.</summary>
    public void DeletionEnds(bool happened)
    {
        if (happened)
            _deleted.UnionWith(_beingDeleted);
        _beingDeleted = [];
    }

    /// <summary>The power went: what only the operating system had is promised no more.</summary>
    public void PowerWasCut() => WrittenNextOffset = DurableNextOffset;

    /// <summary>
    /// Holds a log that was just opened against all this. Afterwards exactly what the log holds is promised: it was
    /// served, so it has to be on the disk.
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
    /// Every record that was committed and not deleted is served as it was submitted, and nothing else is.
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

    /// <summary>Holds what can be read without opening the log against all this; promises nothing more.</summary>
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
    public static void Unless(bool holds, string otherwise)
    {
        if (!holds)
            throw new BrokenPromiseException(otherwise);
    }
}
