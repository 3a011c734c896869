namespace AkkaWal.Storage.Files.Wrappers;

/// <summary>A read-only file. Calling a member that would change it is an error of the caller.</summary>
internal abstract class ImmutableFile : IWalFile
{
    public abstract string Path { get; }

    public abstract long LengthBytes { get; }

    public abstract int Read(long position, Span<byte> buffer);

    public void Write(long position, ReadOnlySpan<byte> bytes) => throw Refused();

    public void Write(long position, IReadOnlyList<ReadOnlyMemory<byte>> buffers) => throw Refused();

    public void SetLength(long lengthBytes) => throw Refused();

    public void Sync() => throw Refused();

    public abstract void Dispose();

    private NotSupportedException Refused() => new($"{Path} is immutable");
}
