using AkkaWal.Storage;
using AkkaWal.Storage.Files;

namespace AkkaWal.TestKit;

/// <summary>
/// A file system in which any call can fail, including calls that change nothing. Every call is counted, and reported
/// before it is made.
/// </summary>
internal sealed class FaultyFiles(IWalFileSystem files) : ForwardingFiles(files)
{
    private readonly Lock _gate = new();
    private int _openDirectories;

    /// <summary>
    /// Called before each call of the file system, on its thread, one at a time. Returns the error to fail it with, or
    /// null.
    /// </summary>
    public Func<FileCall, DiskFault?>? Faults { get; set; }

    /// <summary>The number of calls.</summary>
    public int CallCount { get; private set; }

    /// <summary>The number of open directories.</summary>
    public int OpenDirectoryCount => Volatile.Read(ref _openDirectories);

    public override IWalFile Open(string path, FileAccessMode mode)
    {
        Count(mode is FileAccessMode.Read or FileAccessMode.ReadMapped ? "open" : "open to write", path);
        return new File(this, base.Open(path, mode));
    }

    public override WalDirectoryEntry? Stat(string path) => Count("look at", path) ? base.Stat(path) : null;

    public override IReadOnlyList<WalDirectoryEntry> List(string directory) =>
        Count("list", directory) ? base.List(directory) : [];

    public override void CreateDirectory(string path)
    {
        Count("create directory", path);
        base.CreateDirectory(path);
    }

    public override void Rename(string path, string newPath)
    {
        Count("rename", newPath);
        base.Rename(path, newPath);
    }

    public override void Link(string path, string newPath)
    {
        Count("link", newPath);
        base.Link(path, newPath);
    }

    public override void Delete(string path)
    {
        Count("delete", path);
        base.Delete(path);
    }

    public override void MakeReadOnly(string path)
    {
        Count("make read-only", path);
        base.MakeReadOnly(path);
    }

    public override void SyncDirectory(string path)
    {
        Count("sync directory", path);
        base.SyncDirectory(path);
    }

    public override IWalLock Lock(string path)
    {
        Count("lock", path);
        return base.Lock(path);
    }

    public override IWalDirectory OpenDirectory(string path)
    {
        Count("open directory", path);
        var opened = base.OpenDirectory(path);
        Interlocked.Increment(ref _openDirectories);
        return opened;
    }

    protected override void OnDirectoryClosed() => Interlocked.Decrement(ref _openDirectories);

    protected override void OnSyncNames(string path) => Count("sync directory", path + "/..");

    private bool Count(string word, string path)
    {
        lock (_gate)
        {
            var call = new FileCall(++CallCount, word, path);
            if (Faults?.Invoke(call) is { } fault)
            {
                var operation = word.StartsWith("open", StringComparison.Ordinal) ? "open" : word;
                throw new WalIOException(operation, path, fault.Cause, fault.Reason);
            }
        }

        return true;
    }

    private sealed class File(FaultyFiles owner, IWalFile file) : ForwardingFile(file)
    {
        public override int Read(long position, Span<byte> buffer)
        {
            owner.Count("read", Path);
            return base.Read(position, buffer);
        }

        public override void Write(long position, ReadOnlySpan<byte> bytes)
        {
            owner.Count("write", Path);
            base.Write(position, bytes);
        }

        public override void Write(long position, IReadOnlyList<ReadOnlyMemory<byte>> buffers)
        {
            owner.Count("write", Path);
            base.Write(position, buffers);
        }

        public override void SetLength(long lengthBytes)
        {
            owner.Count("set length of", Path);
            base.SetLength(lengthBytes);
        }

        public override WalIOException? BeginWriteOut(long position, long count) =>
            Courtesy("begin to write out", () => base.BeginWriteOut(position, count));

        public override WalIOException? Allocate(long position, long count) =>
            Courtesy("allocate space for", () => base.Allocate(position, count));

        public override void Sync()
        {
            owner.Count("sync", Path);
            base.Sync();
        }

        private WalIOException? Courtesy(string word, Func<WalIOException?> ask)
        {
            try
            {
                owner.Count(word, Path);
                return ask();
            }
            catch (WalIOException e)
            {
                return e;
            }
        }
    }
}

/// <summary>One call of the file system.</summary>
/// <param name="Number">Its number among all calls, from 1.</param>
/// <param name="Word">The word for the call.</param>
/// <param name="Path">The file or directory.</param>
internal readonly record struct FileCall(int Number, string Word, string Path)
{
    /// <summary>Whether it is a sync of a file or a directory.</summary>
    public bool IsSync => Word.StartsWith("sync", StringComparison.Ordinal);

    /// <summary>Whether the log works without this call.</summary>
    public bool IsCourtesy => Word is "make read-only" or "begin to write out" or "allocate space for";

    public override string ToString() => $"#{Number} {Word} {Path}";
}
