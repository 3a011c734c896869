namespace AkkaWal.Storage.Files.Wrappers;

/// <summary>
/// A file whose reads end with <see cref="OperationCanceledException"/> once they are cancelled: it stops a copy that
/// knows of no cancellation. Disposal is left to the owner of the file.
/// </summary>
internal sealed class CancellableFile(IWalFile file, CancellationToken cancellation) : ImmutableFile
{
    public override string Path => file.Path;

    public override long LengthBytes => file.LengthBytes;

    public override int Read(long position, Span<byte> buffer)
    {
        cancellation.ThrowIfCancellationRequested();
        return file.Read(position, buffer);
    }

    public override void Dispose()
    {
    }
}
