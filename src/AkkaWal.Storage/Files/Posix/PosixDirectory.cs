using AkkaWal.Storage.Files.Posix.Calls;
using Microsoft.Win32.SafeHandles;

namespace AkkaWal.Storage.Files.Posix;

/// <summary>An open directory of a Linux machine.</summary>
internal sealed class PosixDirectory : IWalDirectory
{
    private readonly SafeFileHandle _handle;
    private readonly string _prefix;

    internal PosixDirectory(SafeFileHandle handle, string path)
    {
        (_handle, Path, _prefix) = (handle, path, path.TrimEnd('/') + '/');
        var stat = PosixCalls.StatOf(handle, path);
        Identity = new WalDirectoryIdentity(stat.Inode, stat.BornAtSeconds * 1_000_000_000 + stat.BornAtNanoseconds);
        IsPrivate = stat.UserId == Libc.EffectiveUser() && (stat.Mode & 0xFFF) == PosixCalls.OwnerOnlyDirectory;
        IsMountPoint = (stat.Attributes & Libc.MountRoot) != 0;
    }

    public string Path { get; }

    public WalDirectoryIdentity Identity { get; }

    public bool IsPrivate { get; }

    public bool IsMountPoint { get; }

    public IWalFile Open(string path, FileAccessMode mode)
    {
        using var place = Find(path);
        return PosixCalls.Open(place, mode);
    }

    public WalDirectoryEntry? Stat(string path)
    {
        using var place = TryFind(path, out _);
        return place is { } found ? PosixCalls.Stat(found) : null;
    }

    public IReadOnlyList<WalDirectoryEntry> List(string directory)
    {
        using var place = Find(directory);
        return PosixCalls.List(place);
    }

    public void CreateDirectory(string path)
    {
        using var place = TryFind(path, out var missing);
        if (place is not { } found)
        {
            CreateDirectory(missing);
            CreateDirectory(path);
            return;
        }
        if (PosixCalls.Stat(found) is { } entry)
        {
            if (entry.Kind == WalEntryKind.Directory) return;
            throw new WalIOException("create directory", path, false, "a file of that name exists");
        }
        // Another process may have created it since the check above; that is no error.
        if (PosixCalls.TryMakeDirectory(found) is { } failure
            && PosixCalls.Stat(found) is not { Kind: WalEntryKind.Directory })
        {
            throw failure;
        }
        PosixNames.SyncWhereSupported(found with { Name = ".", Path = System.IO.Path.GetDirectoryName(path)! });
    }

    public void Rename(string path, string newPath)
    {
        using var from = Find(path);
        using var to = Find(newPath);
        PosixCalls.Rename(from, to);
    }

    public void Link(string path, string newPath)
    {
        using var from = Find(path);
        using var to = Find(newPath);
        PosixCalls.Link(from, to);
    }

    public void Delete(string path)
    {
        using var place = Find(path);
        PosixCalls.Delete(place);
    }

    public void DeleteDirectory(string path)
    {
        using var place = Find(path);
        PosixCalls.DeleteDirectory(place);
    }

    public void MakeReadOnly(string path)
    {
        using var place = Find(path);
        PosixCalls.MakeReadOnly(place);
    }

    public void SyncDirectory(string path)
    {
        using var place = Find(path);
        // Uses the open handle for the directory itself: a new descriptor could be lacking right after a name was
        // changed.
        if (place.Name == ".") PosixCalls.Sync(_handle, path);
        else PosixCalls.SyncDirectory(place);
    }

    public void SyncNames() => PosixNames.SyncAbove(_handle, Path);

    public IWalLock Lock(string path)
    {
        using var place = Find(path);
        var directory = System.IO.Path.GetDirectoryName(path)!;
        if (!place.IsOwned) return PosixLock.Acquire(place.Directory, directory, place.Name, ownsDirectory: false);
        var handle = PosixCalls.OpenDirectory(place with { Name = "." }, followsLinks: false);
        return PosixLock.Acquire(handle, directory, place.Name, ownsDirectory: true);
    }

    public bool IsLocked(string path)
    {
        using var place = TryFind(path, out _);
        return place is { } found
            && PosixLock.IsHeld(found.Directory, System.IO.Path.GetDirectoryName(path)!, found.Name);
    }

    public IWalDirectory OpenDirectory(string path)
    {
        using var place = Find(path);
        return new PosixDirectory(PosixCalls.OpenDirectory(place, followsLinks: false), path);
    }

    public void Dispose() => _handle.Dispose();

    private PosixPlace Find(string path) =>
        TryFind(path, out var missing)
            ?? throw new WalIOException("reach", path, false, $"there is no directory {missing}");

    /// <param name="path">The path of this directory or of something below it.</param>
    /// <param name="missing">The first missing directory on the path, where null is returned.</param>
    private PosixPlace? TryFind(string path, out string missing)
    {
        missing = "";
        if (_handle.IsClosed) throw new WalIOException("reach", path, false, "its directory is closed");
        if (path.AsSpan().TrimEnd('/').SequenceEqual(Path.AsSpan().TrimEnd('/')))
            return new PosixPlace(_handle, ".", path);
        if (!path.StartsWith(_prefix, StringComparison.Ordinal))
            throw new WalIOException("reach", path, false, $"it lies outside of {Path}");
        var steps = path[_prefix.Length..].Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (steps.Any(step => step is "." or ".."))
            throw new WalIOException("reach", path, false, "it does not name each directory on its way");
        var at = new PosixPlace(_handle, steps[0], _prefix + steps[0]);
        foreach (var step in steps.AsSpan(1))
        {
            using var before = at;
            if (PosixCalls.Stat(at) is null)
            {
                missing = at.Path;
                return null;
            }
            var below = PosixCalls.OpenDirectory(at, followsLinks: false);
            at = new PosixPlace(below, step, $"{at.Path}/{step}", IsOwned: true);
        }
        return at;
    }
}
