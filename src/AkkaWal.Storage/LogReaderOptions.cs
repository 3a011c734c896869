namespace AkkaWal.Storage;

/// <summary>
/// How much a <see cref="LogReader"/> may keep open and in memory. Each value is checked where it is set.
/// </summary>
public sealed record LogReaderOptions
{
    /// <summary>
    /// How many sealed segments may be open at a time, each with its log (a file or a mapping) and its index file. 1 or
    /// more, 128 by default.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public int MaxOpenSegments { get; init => field = Setting.AtLeast(value, 1); } = 128;

    /// <summary>
    /// How many bytes the indexes of open sealed segments may take in memory: at most 4 a record, 2 where sizes vary
    /// moderately, close to 0 where all sizes are equal. An index without room is read from its file for each record,
    /// which is a second read. An index that is lost or bad is rebuilt in memory from its log, and kept even beyond the
    /// limit. 0 or more, 64 MiB by default.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public long MaxIndexBytes { get; init => field = Setting.AtLeast(value, 0); } = 64 << 20;

    /// <summary>How many bytes decompressed blocks may take: see <see cref="WalOptions.MaxBlockCacheBytes"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public long MaxBlockCacheBytes { get; init => field = Setting.AtLeast(value, 0); } = 4 << 20;

    /// <summary>
    /// Whether <see cref="LogReader.Read"/> maps the files of sealed segments into memory: at most 16,384 files a
    /// process, and only those that are neither compressed nor archived. A record in the page cache is then read
    /// without a system call. Off by default, because of its price: where the disk can't read a page, or another
    /// process cuts a file short, the process ends instead of getting a <see cref="WalIOException"/>; and a garbage
    /// collection waits while a page is fetched from the disk. For logs that fit into memory, on trusted disks.
    /// </summary>
    public bool MapSegments { get; init; }

    /// <summary>Where the log's archived segments are. Null: they can't be read.</summary>
    public ISegmentArchive? Archive { get; init; }
}
