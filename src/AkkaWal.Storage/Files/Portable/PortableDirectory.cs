using AkkaWal.Storage.Files.Native;
using Microsoft.Win32.SafeHandles;

namespace AkkaWal.Storage.Files.Portable;

/// <summary>
/// An open directory whose files are reached by its path. Before each operation it checks that the path still stands
/// for the directory that was opened, and that no link lies on the way below it. Where somebody moves the directory in
/// the moment after that, the operation meets what has its name then.
/// </summary>
internal sealed class PortableDirectory : IWalDirectory
{
    private readonly NativeCalls _native;
    private readonly PortableFileSystem _files;
    private readonly SafeFileHandle _handle;
    private readonly NativeFileId _id;
    private readonly string _whole, _prefix;

    internal PortableDirectory(NativeCalls native, PortableFileSystem files, string path)
    {
        (_native, _files, Path, _whole) = (native, files, path, Whole(path));
        _prefix = _whole.TrimEnd(System.IO.Path.DirectorySeparatorChar) + System.IO.Path.DirectorySeparatorChar;
        _handle = native.OpenDirectory(path);
        try
        {
            var facts = native.FactsOf(_handle, path);
            (_id, IsPrivate) = (facts.Id, facts.IsPrivate);
            Identity = new WalDirectoryIdentity(_id.Number, facts.BornAtNanoseconds);
            IsMountPoint = System.IO.Path.GetDirectoryName(_whole) is { } parent
                && native.TryFactsOf(parent, followsLinks: true) is { } above && above.Id.Volume != _id.Volume;
        }
        catch
        {
            _handle.Dispose();
            throw;
        }
    }

    public string Path { get; }

    public WalDirectoryIdentity Identity { get; }

    public bool IsPrivate { get; }

    public bool IsMountPoint { get; }

    public IWalFile Open(string path, FileAccessMode mode) => _files.Open(Find(path), mode);

    public WalDirectoryEntry? Stat(string path) => TryFind(path, out _) ? _files.Stat(path) : null;

    public IReadOnlyList<WalDirectoryEntry> List(string directory) => _files.List(Find(directory));

    public void CreateDirectory(string path)
    {
        // The last directory that is missing on the way tells where to begin.
        while (!TryFind(path, out var missing)) CreateDirectory(missing);
        _files.CreateDirectory(path);
    }

    public void Rename(string path, string newPath) => _files.Rename(Find(path), Find(newPath));

    public void Link(string path, string newPath) => _files.Link(Find(path), Find(newPath));

    public void Delete(string path) => _files.Delete(Find(path));

    public void DeleteDirectory(string path) => _files.DeleteDirectory(Find(path));

    public void MakeReadOnly(string path) => _files.MakeReadOnly(Find(path));

    public void SyncDirectory(string path) => _files.SyncDirectory(Find(path));

    public void SyncNames()
    {
        ThrowIfMoved(Path);
        PortableFiles.SyncAbove(_native, _whole);
    }

    public IWalLock Lock(string path) => _files.Lock(Find(path));

    public bool IsLocked(string path) => TryFind(path, out _) && _files.IsLocked(path);

    public IWalDirectory OpenDirectory(string path)
    {
        var opened = new PortableDirectory(_native, _files, Find(path));
        // A link in the last place is not followed.
        if (_native.TryFactsOf(path, followsLinks: false) is { } facts && facts.Id == opened._id) return opened;
        opened.Dispose();
        throw new WalIOException("open", path, false, "it is no directory, but a link");
    }

    public void Dispose() => _handle.Dispose();

    private static string Whole(string path) =>
        System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path));

    private string Find(string path) => TryFind(path, out var missing)
        ? path
        : throw new WalIOException("reach", path, false, $"there is no directory {missing}");

    private bool TryFind(string path, out string missing)
    {
        missing = "";
        ThrowIfMoved(path);
        var whole = Whole(path);
        if (whole == _whole) return true;
        if (!whole.StartsWith(_prefix, StringComparison.Ordinal))
            throw new WalIOException("reach", path, false, $"it lies outside of {Path}");
        for (var end = _prefix.Length; (end = whole.IndexOf(System.IO.Path.DirectorySeparatorChar, end)) >= 0; end++)
        {
            var step = whole[..end];
            switch (_native.TryFactsOf(step, followsLinks: false)?.Kind)
            {
                case WalEntryKind.Directory:
                    continue;
                case null:
                    missing = step;
                    return false;
                default:
                    throw new WalIOException("reach", path, false, $"{step} is no directory");
            }
        }
        return true;
    }

    private void ThrowIfMoved(string path)
    {
        if (_handle.IsClosed) throw new WalIOException("reach", path, false, "its directory is closed");
        if (_native.TryFactsOf(Path, followsLinks: true)?.Id != _id)
            throw new WalIOException("reach", path, false, $"{Path} was moved, removed or replaced");
    }
}
