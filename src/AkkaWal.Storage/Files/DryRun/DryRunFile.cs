namespace AkkaWal.Storage.Files.DryRun;

/// <summary>An open file of <see cref="DryRunFiles"/>.</summary>
internal sealed class DryRunFile(string path, DryRunContents contents) : IWalFile
{
    public string Path => path;

    public long LengthBytes => contents.LengthBytes;

    /// <summary>The file's bytes.</summary>
    internal DryRunContents Contents => contents;

    public int Read(long position, Span<byte> buffer) => contents.Read(position, buffer);

    public void Write(long position, ReadOnlySpan<byte> bytes) => contents.Write(position, bytes);

    public void Write(long position, IReadOnlyList<ReadOnlyMemory<byte>> buffers)
    {
        foreach (var buffer in buffers)
        {
            contents.Write(position, buffer.Span);
            position += buffer.Length;
        }
    }

    public void SetLength(long lengthBytes) => contents.SetLength(lengthBytes);

    public void Sync()
    {
    }

    public void Dispose()
    {
    }
}
