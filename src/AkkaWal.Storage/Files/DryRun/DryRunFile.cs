namespace AkkaWal.Storage.Files.DryRun;

/// <summary>An open file of <see cref="DryRunFiles"/>.</summary>
internal sealed class DryRunFile(string path, DryRunContents contents) : IWalFile, ICopyableFile
{
    private readonly DryRunContents _contents = contents;

    public string Path => path;

    public long LengthBytes => _contents.LengthBytes;

    public int Read(long position, Span<byte> buffer) => _contents.Read(position, buffer);

    public void Write(long position, ReadOnlySpan<byte> bytes) => _contents.Write(position, bytes);

    public void Write(long position, IReadOnlyList<ReadOnlyMemory<byte>> buffers)
    {
        foreach (var buffer in buffers)
        {
            _contents.Write(position, buffer.Span);
            position += buffer.Length;
        }
    }

    public bool TryCopyTo(IWalFile to, long sizeBytes)
    {
        if (to is not DryRunFile { LengthBytes: 0 } copy) return false;
        _contents.CopyTo(copy._contents, sizeBytes);
        return true;
    }

    public void SetLength(long lengthBytes) => _contents.SetLength(lengthBytes);

    public void Sync()
    {
    }

    public void Dispose()
    {
    }
}
