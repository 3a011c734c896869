using AkkaWal.Storage.Format;

namespace AkkaWal.Storage;

/// <summary>How a log is kept. Each value is checked where it is set.</summary>
public sealed record WalOptions
{
    /// <summary>The largest legal segment limit: positions in the index are 32 bits wide.</summary>
    public const long LargestSegmentBytes = uint.MaxValue;

    /// <summary>The first step by which space ahead of the tail is reserved, but in tests of small segments.</summary>
    internal const int FirstReservationBytes = 64 << 10;

    /// <summary>What acknowledged means. Default: <see cref="FlushPolicy.Always"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is none of the policies.</exception>
    public FlushPolicy Flush { get; init => field = Setting.Known(value); } = FlushPolicy.Always;

    /// <summary>The size in bytes, frames included, beyond which a segment is sealed; 1 to 4294967295, 64 MiB by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is out of that range.</exception>
    public long MaxSegmentBytes { get; init => field = Setting.Within(value, 1, LargestSegmentBytes); } = 64 << 20;

    /// <summary>
    /// The bytes, frames included, at which a commit closes, and so the largest batch; a larger single record is a commit of its
    /// own. It is also how far behind the last sync a crash can have torn what was written. 4 KiB to 1 GiB, 16 MiB by default.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is out of that range.</exception>
    public int MaxCommitBytes { get; init => field = Setting.Within(value, 4096, 1 << 30); } = 16 << 20;

    /// <summary>The largest payload in bytes; 1 to 1073741823, 16 MiB by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is out of that range.</exception>
    public int MaxPayloadBytes { get; init => field = Setting.Within(value, 1, Frame.MaxPayloadBytes); } = 16 << 20;

    /// <summary>
    /// How segments are compressed from now on; those that are compressed already stay as they are, and are read
    /// whatever this says. <see cref="CompressionCodec.Zstd"/> by default.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is none of the codecs.</exception>
    public CompressionCodec Codec { get; init => field = Setting.Known(value); } = CompressionCodec.Zstd;

    /// <summary>
    /// Bytes that decompressed blocks of compressed segments may take in memory, for records that lie near to those that
    /// were read last. A block that takes more than a quarter of it, of one large record, is not kept. 0 or more, 4 MiB by
    /// default; 0 keeps none.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public long MaxBlockCacheBytes { get; init => field = Setting.AtLeast(value, 0); } = 4 << 20;

    /// <summary>Tells when a segment was sealed, how old one is, and when to look again at what could not be opened.</summary>
    /// <exception cref="ArgumentNullException">It is null.</exception>
    public TimeProvider Clock { get; init => field = Setting.Present(value); } = TimeProvider.System;

    /// <summary>Names in the log's directory that its owner keeps there and the log need not mention. Empty by default.</summary>
    /// <exception cref="ArgumentNullException">It is null.</exception>
    public IReadOnlyCollection<string> Neighbours { get; init => field = Setting.Present(value); } = [];

    /// <summary>Where segments can be archived; null for nowhere, and then those that were can't be read.</summary>
    public ISegmentArchive? Archive { get; init; }

    /// <summary>The smallest step by which space ahead of the tail is reserved, from which the others follow: small for tests of small segments.</summary>
    internal int ReservationBytes { get; init => field = Setting.Within(value, 1, FirstReservationBytes); } = FirstReservationBytes;
}
