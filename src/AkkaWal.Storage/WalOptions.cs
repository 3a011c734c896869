using AkkaWal.Storage.Format;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Storage;

/// <summary>How a log is kept. Each value is checked where it is set.</summary>
public sealed record WalOptions
{
    /// <summary>The largest legal segment limit: positions in the index are 32 bits wide.</summary>
    public const long LargestSegmentBytes = uint.MaxValue;

    private readonly long _maxSegmentBytes = 64 << 20;
    private readonly int _maxCommitBytes = 16 << 20;
    private readonly int _maxPayloadBytes = 16 << 20;
    private readonly CompressionCodec _codec = CompressionCodec.Zstd;
    private readonly long _maxBlockCacheBytes = 4 << 20;

    /// <summary>What acknowledged means. Default: <see cref="FlushPolicy.Always"/>.</summary>
    public FlushPolicy Flush { get; init; } = FlushPolicy.Always;

    /// <summary>The size in bytes, frames included, beyond which a segment is sealed; 1 to 4294967295, 64 MiB by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is out of that range.</exception>
    public long MaxSegmentBytes
    {
        get => _maxSegmentBytes;
        init => _maxSegmentBytes = value is >= 1 and <= LargestSegmentBytes
            ? value
            : throw new ArgumentOutOfRangeException(nameof(MaxSegmentBytes), value, $"must be from 1 to {LargestSegmentBytes}");
    }

    /// <summary>
    /// The bytes, frames included, at which a commit closes, and so the largest batch; a larger single record is a commit of its
    /// own. It is also how far behind the last sync a crash can have torn what was written. 4 KiB to 1 GiB, 16 MiB by default.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is out of that range.</exception>
    public int MaxCommitBytes
    {
        get => _maxCommitBytes;
        init => _maxCommitBytes = value is >= 4096 and <= 1 << 30
            ? value
            : throw new ArgumentOutOfRangeException(nameof(MaxCommitBytes), value, $"must be from 4096 to {1 << 30}");
    }

    /// <summary>The largest payload in bytes; 1 to 1073741823, 16 MiB by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is out of that range.</exception>
    public int MaxPayloadBytes
    {
        get => _maxPayloadBytes;
        init => _maxPayloadBytes = value is >= 1 and <= Frame.MaxPayloadBytes
            ? value
            : throw new ArgumentOutOfRangeException(nameof(MaxPayloadBytes), value, $"must be from 1 to {Frame.MaxPayloadBytes}");
    }

    /// <summary>
    /// How segments are compressed from now on; those that are compressed already stay as they are, and are read whatever this says.
    /// <see cref="CompressionCodec.Zstd"/> by default.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is none of the codecs.</exception>
    public CompressionCodec Codec
    {
        get => _codec;
        init => _codec = Enum.IsDefined(value)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(Codec), value, "must be one of the codecs");
    }

    /// <summary>
    /// Bytes that decompressed blocks of compressed segments may take in memory, for records that lie near to those that were read
    /// last. A block that takes more than a quarter of it, of one large record, is not kept. 0 or more, 4 MiB by default; 0 keeps none.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public long MaxBlockCacheBytes
    {
        get => _maxBlockCacheBytes;
        init => _maxBlockCacheBytes = value >= 0
            ? value
            : throw new ArgumentOutOfRangeException(nameof(MaxBlockCacheBytes), value, "must not be negative");
    }

    /// <summary>The wall clock, asked only when a segment is sealed.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Names in the log's directory that its owner keeps there and the log need not mention. Empty by default.</summary>
    public IReadOnlyCollection<string> Neighbours { get; init; } = [];

    /// <summary>Where segments can be archived; null for nowhere, and then those that were can't be read.</summary>
    public ISegmentArchive? Archive { get; init; }

    /// <summary>The smallest step by which space ahead of the tail is reserved, from which the others follow: small for tests of small segments.</summary>
    internal int ReservationBytes { get; init; } = TailReservation.SmallestBytes;
}
