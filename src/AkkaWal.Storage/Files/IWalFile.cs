namespace AkkaWal.Storage.Files;

/// <summary>
/// An open file, addressed by position (a byte in the file); it has no cursor.
/// </summary>
/// <remarks>
/// Reads may come from any thread, also beside a write or a sync. Writes, truncations and disposal come from one thread at
/// a time. A sync may run on another thread beside a write: it covers at least what was written before it was issued.
/// </remarks>
public interface IWalFile : IDisposable
{
    /// <summary>The path that it was opened by.</summary>
    string Path { get; }

    /// <summary>The file's length in bytes, now.</summary>
    long LengthBytes { get; }

    /// <summary>
    /// Whether the path still stands for this file: it does not once somebody has moved, removed or replaced it. True
    /// where that can't happen. Costs one question to the platform and no access to the disk.
    /// </summary>
    /// <exception cref="WalIOException">The platform can't tell.</exception>
    bool IsNamed() => true;

    /// <summary>Reads until the buffer is full or the file ends.</summary>
    /// <returns>The bytes read: less than the buffer's length only at the end of the file.</returns>
    /// <exception cref="WalIOException">The platform could not read.</exception>
    int Read(long position, Span<byte> buffer);

    /// <summary>Writes all of the bytes, beyond the end of the file too.</summary>
    /// <exception cref="WalIOException">Not all could be written; some may have been.</exception>
    void Write(long position, ReadOnlySpan<byte> bytes);

    /// <summary>Writes the buffers back to back, as one gathered write where the platform has it.</summary>
    /// <exception cref="WalIOException">Not all could be written; some may have been.</exception>
    void Write(long position, IReadOnlyList<ReadOnlyMemory<byte>> buffers);

    /// <summary>Cuts or extends (with zeros) the file.</summary>
    /// <exception cref="WalIOException">The platform could not.</exception>
    void SetLength(long lengthBytes);

    /// <summary>
    /// Asks the platform to begin writing bytes to the disk, so that a later sync finds less to do. Promises nothing and never throws.
    /// </summary>
    /// <returns>Why the platform does no such thing; null where it may have begun.</returns>
    WalIOException? BeginWriteOut(long position, long count) => null;

    /// <summary>
    /// Asks the platform for blocks that writes at or behind the file's end will need; its length stays. Cutting the file gives back what
    /// was not used. Promises nothing and never throws.
    /// </summary>
    /// <returns>Why the platform does no such thing; null where it may have done it.</returns>
    WalIOException? Allocate(long position, long count) => null;

    /// <summary>Returns when the file's bytes and its length are on the disk, as the platform's checked sync reports it.</summary>
    /// <exception cref="WalIOException">The sync failed; what had been written since the last one may be lost, whatever a
    /// later sync says.</exception>
    void Sync();
}
