namespace AkkaWal.Storage;

/// <summary>What a <see cref="LogReader"/> may hold on to. Each value is checked where it is set.</summary>
public sealed record LogReaderOptions
{
    /// <summary>Sealed segments that may be open at a time, each with a file or a mapping, and one more of its index; 1 or more, 128 by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is less than 1.</exception>
    public int MaxOpenSegments { get; init => field = Setting.AtLeast(value, 1); } = 128;

    /// <summary>
    /// Bytes that the indexes of open sealed segments may take in memory: 4 a record at most, 2 where sizes vary moderately, next to nothing
    /// where they are equal. What finds no room is read from its file when it is needed, which is a second read a record; an
    /// index that is lost or bad is found in its log, and comes on top. 0 or more, 64 MiB by default.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public long MaxIndexBytes { get; init => field = Setting.AtLeast(value, 0); } = 64 << 20;

    /// <summary>Bytes that decompressed blocks may take, as <see cref="WalOptions.MaxBlockCacheBytes"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public long MaxBlockCacheBytes { get; init => field = Setting.AtLeast(value, 0); } = 4 << 20;

    /// <summary>
    /// Whether <see cref="LogReader.Read"/> maps the files of sealed segments into memory, up to 16,384 a process and those that are neither compressed nor archived.
    /// What is in the page cache then takes no system call a record. Not by default, for its price: where a page can't be read from
    /// the disk, or somebody cuts a file short, the process ends, where else there is a <see cref="WalIOException"/>; and a garbage
    /// collection waits while a page is fetched from the disk. For logs that fit into memory, on disks that are trusted.
    /// </summary>
    public bool MapSegments { get; init; }

    /// <summary>Where the log's archived segments are; null for nowhere, and then they can't be read.</summary>
    public ISegmentArchive? Archive { get; init; }
}
