using AkkaWal.Storage.Format;

namespace AkkaWal.Storage;

/// <summary>How a log is kept. Each value is checked where it is set.</summary>
public sealed record WalOptions
{
    /// <summary>The largest legal segment limit: positions in the index are 32 bits wide.</summary>
    public const long LargestSegmentBytes = uint.MaxValue;

    /// <summary>The largest legal <see cref="Owner"/>, in bytes of UTF-8.</summary>
    public const int LargestOwnerBytes = 256;

    /// <summary>The first step, in bytes, by which space ahead of the tail is reserved.</summary>
    internal const int FirstReservationBytes = 64 << 10;

    /// <summary>The smallest bound of a commit that may be set.</summary>
    internal const int SmallestCommitBytes = 4 << 10;

    /// <summary>Which failures an acknowledged append survives; <see cref="FlushPolicy.Always"/> by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is none of the policies.</exception>
    public FlushPolicy Flush { get; init => field = Setting.Known(value); } = FlushPolicy.Always;

    /// <summary>
    /// The size of a segment in bytes, frames included, beyond which it is sealed; 1 to 4294967295, 64 MiB by default.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of that range.</exception>
    public long MaxSegmentBytes
    {
        get;
        init => field = Setting.Within(value, 1, LargestSegmentBytes);
    } = 64 << 20;

    /// <summary>
    /// The largest commit, and so the largest batch, in bytes with frames. A larger single record is a commit of its
    /// own. It also bounds how many bytes behind the last sync a crash can have torn. 4 KiB to 1 GiB, 16 MiB by
    /// default.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of that range.</exception>
    public int MaxCommitBytes { get; init => field = Setting.Within(value, SmallestCommitBytes, 1 << 30); } = 16 << 20;

    /// <summary>The largest payload in bytes; 1 to 1073741823, 16 MiB by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of that range.</exception>
    public int MaxPayloadBytes { get; init => field = Setting.Within(value, 1, Frame.MaxPayloadBytes); } = 16 << 20;

    /// <summary>
    /// The codec for segments that are compressed from now on. Compressed segments keep their codec, and are read
    /// whatever this says. <see cref="CompressionCodec.Zstd"/> by default.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is none of the codecs.</exception>
    public CompressionCodec Codec { get; init => field = Setting.Known(value); } = CompressionCodec.Zstd;

    /// <summary>
    /// How many bytes decompressed blocks of compressed segments may take in memory. They serve reads of records close
    /// to those that were read last. A block larger than a quarter of the limit, which holds one large record, is not
    /// kept. 0 or more, 4 MiB by default; 0 keeps none.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public long MaxBlockCacheBytes { get; init => field = Setting.AtLeast(value, 0); } = 4 << 20;

    /// <summary>The clock for seal times, for ages, and for the pause before a failed opening is tried again.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public TimeProvider Clock { get; init => field = Setting.Present(value); } = TimeProvider.System;

    /// <summary>
    /// Names of other files in the log's directory, which an opening does not mention as foreign. Empty by default.
    /// </summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public IReadOnlyCollection<string> Neighbours { get; init => field = Setting.Present(value); } = [];

    /// <summary>
    /// The name of this process, if several machines share the log's storage. No other process may have it, nor this
    /// one after a new start: a node's address and unique id, for instance. At most 256 bytes in UTF-8, without control
    /// characters. An opening by another owner than the last one raises the log's epoch, so that the former owner can't
    /// harm the log even where the file system lost its lock. "", the default: the log is on one machine.
    /// </summary>
    /// <exception cref="ArgumentException">The value is null, too long, or has a control character.</exception>
    public string Owner { get; init => field = Setting.Name(value, LargestOwnerBytes); } = "";

    /// <summary>Where segments are archived. Null: none can be archived, and archived ones can't be read.</summary>
    public ISegmentArchive? Archive { get; init; }

    /// <summary>
    /// The smallest step, in bytes, by which space ahead of the tail is reserved; the larger steps are multiples of it.
    /// Less than the default in tests of small segments alone.
    /// </summary>
    internal int ReservationBytes
    {
        get;
        init => field = Setting.Within(value, 1, FirstReservationBytes);
    } = FirstReservationBytes;
}
