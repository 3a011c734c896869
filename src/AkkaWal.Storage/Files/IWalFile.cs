namespace AkkaWal.Storage.Files;

/// <summary>
/// An open file. Bytes are addressed by position; there is no cursor.
/// </summary>
/// <remarks>
/// Reads may come from any thread, also during a write or a sync. Writes, truncations and disposal come from one thread
/// at a time. A sync may run on another thread during a write: it covers at least what was written before it was
/// issued.
/// </remarks>
public interface IWalFile : IDisposable
{
    /// <summary>The path that it was opened by.</summary>
    string Path { get; }

    /// <summary>The file's current length in bytes.</summary>
    long LengthBytes { get; }

    /// <summary>
    /// Whether the path still stands for this file: false once it was moved, removed or replaced. True where that can't
    /// happen. Costs one system call and no access to the disk.
    /// </summary>
    /// <exception cref="WalIOException">The platform can't tell.</exception>
    bool IsNamed() => true;

    /// <summary>
    /// Locks the file for this handle alone, until it is disposed. False where another handle, here or in another
    /// process, has it locked; null where the platform can't lock it, as by default.
    /// </summary>
    bool? TryLock() => null;

    /// <summary>Reads until the buffer is full or the file ends.</summary>
    /// <returns>The bytes read: less than the buffer's length only at the end of the file.</returns>
    /// <exception cref="WalIOException">The platform could not read.</exception>
    int Read(long position, Span<byte> buffer);

    /// <summary>Writes all of the bytes, also beyond the end of the file.</summary>
    /// <exception cref="WalIOException">The write failed. Some of the bytes may have been written.</exception>
    void Write(long position, ReadOnlySpan<byte> bytes);

    /// <summary>Writes the buffers back to back, as one gathered write where the platform supports it.</summary>
    /// <exception cref="WalIOException">The write failed. Some of the bytes may have been written.</exception>
    void Write(long position, IReadOnlyList<ReadOnlyMemory<byte>> buffers);

    /// <summary>Cuts the file, or extends it with zeros.</summary>
    /// <exception cref="WalIOException">The platform could not change the length.</exception>
    void SetLength(long lengthBytes);

    /// <summary>
    /// Asks the platform to start the write-back of a range, so that a later sync finds less to write. Promises nothing
    /// and never throws.
    /// </summary>
    /// <returns>Why the platform refused; null where it may have started.</returns>
    WalIOException? BeginWriteOut(long position, long count) => null;

    /// <summary>
    /// Asks the platform to allocate blocks for later writes at or behind the end of the file. The file's length stays.
    /// Cutting the file frees the unused blocks. Promises nothing and never throws.
    /// </summary>
    /// <returns>Why the platform refused; null where it may have done it.</returns>
    WalIOException? Allocate(long position, long count) => null;

    /// <summary>Returns when the file's bytes and its length are on the disk, by the platform's own report.</summary>
    /// <exception cref="WalIOException">
    /// The sync failed. Everything written since the last successful sync may be lost, whatever a later sync reports.
    /// </exception>
    void Sync();
}
