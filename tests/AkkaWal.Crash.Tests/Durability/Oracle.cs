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

    public Oracle() : this([], [])
    {
    }

    private Oracle(List<byte[]> payloads, List<bool> endsBatch) => (_payloads, _endsBatch) = (payloads, endsBatch);

    /// <summary>Records below this offset survive a power cut.</summary>
    public long DurableNextOffset { get; private set; }

    /// <summary>Records below this offset survive the death of the process.</summary>
    public long WrittenNextOffset { get; private set; }

    public long SubmittedNextOffset => _payloads.Count;

    /// <summary>The log may start at any of these: two while a truncation is under way.</summary>
    public (long Old, long New) StartOffset { get; private set; }

    public Oracle Fork() => new([.. _payloads], [.. _endsBatch])
    {
        DurableNextOffset = DurableNextOffset, WrittenNextOffset = WrittenNextOffset, StartOffset = StartOffset,
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
        BrokenPromiseException.Unless(nextOffset >= WrittenNextOffset, $"offset {WrittenNextOffset - 1} was acknowledged, and the log goes on at {nextOffset}");
        var count = _payloads.Count - (int)nextOffset;
        _payloads.RemoveRange((int)nextOffset, count);
        _endsBatch.RemoveRange((int)nextOffset, count);
    }

    public void TruncationBegins(long startOffset) => StartOffset = (StartOffset.Old, startOffset);

    public void TruncationEnds() => StartOffset = (StartOffset.New, StartOffset.New);

    /// <summary>The power went: what only the operating system had is promised no more.</summary>
    public void PowerWasCut() => WrittenNextOffset = DurableNextOffset;

    /// <summary>
    /// Holds a log that was just opened against all this. Afterwards exactly what it holds is promised: it was served, so it
    /// has to be on the disk.
    /// </summary>
    public void CheckAndAdopt(SegmentedLog log)
    {
        var next = log.NextOffset;
        BrokenPromiseException.Unless(next >= WrittenNextOffset, $"records up to offset {WrittenNextOffset - 1} were acknowledged, and the log ends at {next - 1}");
        BrokenPromiseException.Unless(next <= SubmittedNextOffset, $"records up to offset {SubmittedNextOffset - 1} were submitted, and the log ends at {next - 1}");
        BrokenPromiseException.Unless(next == 0 || next == log.StartOffset || _endsBatch[(int)next - 1], $"the log ends at {next - 1}, inside a batch");
        BrokenPromiseException.Unless(next == log.CommittedNextOffset && next == log.DurableNextOffset, $"the log ends at {next} and serves what it does not call durable");
        BrokenPromiseException.Unless(log.StartOffset == StartOffset.Old || log.StartOffset == StartOffset.New, $"the log starts at {log.StartOffset} and not at {StartOffset}");
        CheckRecords(log);
        CheckSegments(log);
        StartOffset = (log.StartOffset, log.StartOffset);
        Refused(next);
        Promised(next, next);
    }

    /// <summary>Every record that was committed is served as it was submitted, and nothing else is.</summary>
    public void CheckRecords(SegmentedLog log)
    {
        for (var offset = log.StartOffset; offset < log.CommittedNextOffset; offset++)
            BrokenPromiseException.Unless(log.Read(offset).AsSpan().SequenceEqual(_payloads[(int)offset]), $"offset {offset} is not what was submitted");
        foreach (var outside in new[] { log.StartOffset - 1, log.CommittedNextOffset })
        {
            var isRefused = false;
            try
            {
                log.Read(outside);
            }
            catch (ArgumentOutOfRangeException)
            {
                isRefused = true;
            }

            BrokenPromiseException.Unless(isRefused, $"offset {outside} is served and never was");
        }
    }

    private void CheckSegments(SegmentedLog log)
    {
        var expected = log.StartOffset;
        foreach (var segment in log.Segments)
        {
            BrokenPromiseException.Unless(segment.StartOffset == expected, $"{segment} does not start at {expected}");
            long sizeBytes = 0;
            for (; expected <= segment.EndOffset; expected++)
                sizeBytes += 8 + _payloads[(int)expected].Length;
            BrokenPromiseException.Unless(segment.SizeBytes == sizeBytes, $"{segment} has {sizeBytes} bytes of records");
        }

        BrokenPromiseException.Unless(expected == log.NextOffset, $"the segments end at {expected}, the log at {log.NextOffset}");
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
