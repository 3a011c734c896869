namespace AkkaWal.Storage.Files.Wrappers;

/// <summary>
/// A file for reading that can go out of reach and come back. A read that fails closes the handle, and the next one
/// opens the file again. Any thread may read.
/// </summary>
internal sealed class ReopeningFile : ImmutableFile
{
    private readonly Func<IWalFile> _open;
    private IWalFile? _file;
    private volatile bool _isDisposed;

    /// <param name="open">Opens the file, for the first time and again.</param>
    /// <param name="path">The file's path, for operators.</param>
    internal ReopeningFile(Func<IWalFile> open, string path)
    {
        (_open, Path) = (open, path);
        _file = open();
    }

    public override string Path { get; }

    public override long LengthBytes => With(static file => file.LengthBytes);

    public override int Read(long position, Span<byte> buffer)
    {
        var file = Current();
        try
        {
            return file.Read(position, buffer);
        }
        catch (Exception e) when (e is WalIOException or ObjectDisposedException)
        {
            throw CloseFailed(file, e);
        }
    }

    public override void Dispose()
    {
        _isDisposed = true;
        Interlocked.Exchange(ref _file, null)?.Dispose();
    }

    private T With<T>(Func<IWalFile, T> ask)
    {
        var file = Current();
        try
        {
            return ask(file);
        }
        catch (Exception e) when (e is WalIOException or ObjectDisposedException)
        {
            throw CloseFailed(file, e);
        }
    }

    private IWalFile Current()
    {
        if (Volatile.Read(ref _file) is { } file) return file;
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        var opened = _open();
        if (Interlocked.CompareExchange(ref _file, opened, null) is { } other)
        {
            opened.Dispose();
            return other;
        }
        // This file was disposed meanwhile, before there was a handle to close.
        if (_isDisposed) Dispose();
        return opened;
    }

    // Closes a handle after a failed read, once: another thread's failed read may have closed it already.
    private Exception CloseFailed(IWalFile file, Exception cause)
    {
        if (Interlocked.CompareExchange(ref _file, null, file) == file) file.Dispose();
        if (_isDisposed) return new ObjectDisposedException(Path);
        return cause as WalIOException ?? new WalIOException("read", Path, false, "it went out of reach", cause);
    }
}
