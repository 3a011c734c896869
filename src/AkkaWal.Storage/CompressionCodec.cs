namespace AkkaWal.Storage;

/// <summary>
/// How the blocks of a compressed segment are compressed. The numbers are those in the files. Each segment says which
/// one it was compressed with, so a log reads all of them, whichever it writes.
/// </summary>
public enum CompressionCodec
{
    /// <summary>
    /// RFC 7932, at quality 4: what the first version wrote. It needs no package. A read costs about twice as much as
    /// with <see cref="Zstd"/>.
    /// </summary>
    Brotli = 1,

    /// <summary>RFC 8878, at level 5: the smallest files for what a read costs.</summary>
    Zstd = 2,

    /// <summary>
    /// LZ4's block format, at level 3: a read costs less than half of what it costs with <see cref="Zstd"/>, and
    /// files are larger by two fifths.
    /// </summary>
    Lz4 = 3,
}
