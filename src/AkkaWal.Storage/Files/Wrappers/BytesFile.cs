namespace AkkaWal.Storage.Files.Wrappers;

/// <summary>Bytes in memory as a read-only file.</summary>
internal sealed class BytesFile(string path, byte[] bytes) : ImmutableFile
{
    public override string Path => path;

    public override long LengthBytes => bytes.Length;

    public override int Read(long position, Span<byte> buffer)
    {
        var count = (int)Math.Clamp(bytes.Length - position, 0, buffer.Length);
        bytes.AsSpan((int)Math.Min(position, bytes.Length), count).CopyTo(buffer);
        return count;
    }

    public override void Dispose()
    {
    }
}
