using AkkaWal.Crash.Tests.Workloads;
using AkkaWal.Storage;

namespace AkkaWal.Crash.Tests.Ownership;

/// <summary>The acknowledged records of a directory, and the record with an unknown outcome.</summary>
internal sealed class DirectoryRecords
{
    private readonly List<byte[]> _acknowledged = [];
    private byte[]? _unknown;

    public void Acknowledged(byte[] payload)
    {
        _acknowledged.Add(payload);
        _unknown = null;
    }

    /// <returns>The record that was unknown before.</returns>
    public byte[]? Unknown(byte[]? payload)
    {
        var earlier = _unknown;
        _unknown = payload;
        return earlier;
    }

    public DirectoryRecords Copy()
    {
        var copy = new DirectoryRecords { _unknown = _unknown };
        copy._acknowledged.AddRange(_acknowledged);
        return copy;
    }

    public void CheckAcknowledged(SegmentedLog log, string what)
    {
        for (var i = 0; i < _acknowledged.Count; i++)
        {
            var isRight = log.Read(i).AsSpan().SequenceEqual(_acknowledged[i]);
            BrokenPromiseException.Unless(isRight, $"{what}: record {i} is another");
        }
    }

    /// <summary>Checks a log that was just opened. Afterwards the unknown record's outcome is known.</summary>
    public void Check(SegmentedLog log, string what)
    {
        var count = log.CommittedNextOffset;
        if (count > _acknowledged.Count && _unknown is { } unknown)
            _acknowledged.Add(unknown);
        _unknown = null;
        var isRight = count == _acknowledged.Count;
        BrokenPromiseException.Unless(isRight, $"{what}: {count} records instead of {_acknowledged.Count}");
        CheckAcknowledged(log, what);
    }
}
