using AkkaWal.Storage;
using AkkaWal.Storage.Files;

namespace AkkaWal.TestKit;

/// <summary>A file that forwards every call to another one.</summary>
internal abstract class ForwardingFile(IWalFile file) : IWalFile
{
    public string Path => file.Path;

    public long LengthBytes => file.LengthBytes;

    public virtual int Read(long position, Span<byte> buffer) => file.Read(position, buffer);

    public virtual void Write(long position, ReadOnlySpan<byte> bytes) => file.Write(position, bytes);

    public virtual void Write(long position, IReadOnlyList<ReadOnlyMemory<byte>> buffers) =>
        file.Write(position, buffers);

    public virtual void SetLength(long lengthBytes) => file.SetLength(lengthBytes);

    public virtual WalIOException? BeginWriteOut(long position, long count) => file.BeginWriteOut(position, count);

    public virtual WalIOException? Allocate(long position, long count) => file.Allocate(position, count);

    public virtual bool? TryLock() => file.TryLock();

    public virtual bool IsNamed() => file.IsNamed();

    public virtual void Sync() => file.Sync();

    public void Dispose()
    {
        file.Dispose();
        GC.SuppressFinalize(this);
    }
}
