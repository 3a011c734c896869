namespace AkkaWal.Storage;

/// <summary>
/// How the blocks of a compressed segment are compressed. The numbers stand in the files. Each segment names its codec,
/// so a log reads all of them, whichever one it writes.
/// </summary>
public enum CompressionCodec
{
    /// <summary>
    /// RFC 7932, at quality 4: the codec of the first version. It needs no package. A read costs about twice as much as
    /// with <see cref="Zstd"/>.
    /// </summary>
    Brotli = 1,

    /// <summary>RFC 8878, at level 5: the smallest files for the price of a read.</summary>
    Zstd = 2,

    /// <summary>
    /// LZ4's block format, at level 3. A read costs less than half of a read with <see cref="Zstd"/>; files are larger
    /// by two fifths.
    /// </summary>
    Lz4 = 3,
}
