using System.IO.Enumeration;
using AkkaWal.Storage.Files.Native;

namespace AkkaWal.Storage.Files.Portable;

/// <summary>
/// Operations on paths that need more than one call to the platform. Failures are thrown as
/// <see cref="WalIOException"/>.
/// </summary>
internal static class PortableFiles
{
    private static readonly EnumerationOptions AllEntries = new() { AttributesToSkip = 0, IgnoreInaccessible = false };

    internal static IWalFile Open(NativeCalls native, string path, FileAccessMode mode)
    {
        if (mode == FileAccessMode.CreateNew) return new PortableFile(native, native.CreateNew(path), path);
        if (mode == FileAccessMode.CreateOrTruncate) return OpenEmpty(native, path);
        var isWritten = mode == FileAccessMode.ReadWrite;
        // Looked at first, so that no pipe and no device is opened; and again once it is open.
        if (native.TryFactsOf(path, followsLinks: false) is { } found) PlainFiles.ThrowIfNotPlain(found.Kind, path);
        var handle = native.Open(path, isWritten);
        try
        {
            var facts = native.FactsOf(handle, path);
            PlainFiles.ThrowIfNotPlain(facts.Kind, path);
            if (isWritten) PlainFiles.ThrowIfShared(facts.LinkCount, path);
            return new PortableFile(native, handle, path);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    internal static WalDirectoryEntry? Stat(NativeCalls native, string path) =>
        native.TryFactsOf(path, followsLinks: false) is { } facts
            ? new WalDirectoryEntry(Path.GetFileName(path), facts.Kind, LengthOf(facts))
            : null;

    internal static IReadOnlyList<WalDirectoryEntry> List(NativeCalls native, string directory)
    {
        try
        {
            var entries = new List<WalDirectoryEntry>();
            var found = new FileSystemEnumerable<(string Name, FileAttributes Attributes)>(
                directory, static (ref e) => (e.FileName.ToString(), OperatingSystem.IsWindows() ? e.Attributes : 0),
                AllEntries);
            foreach (var (name, attributes) in found)
                if (KindOf(native, Path.Combine(directory, name), attributes) is { } kind)
                    entries.Add(new WalDirectoryEntry(name, kind, 0));
            return entries;
        }
        catch (Exception e) when (NativeError.IsOfPlatform(e))
        {
            throw NativeError.Of(native, "list", directory, e);
        }
    }

    internal static void CreateDirectory(NativeCalls native, string path)
    {
        if (native.TryFactsOf(path, followsLinks: true) is { } found)
        {
            if (found.Kind == WalEntryKind.Directory) return;
            throw new WalIOException("create directory", path, false, "a file of that name exists");
        }
        var parent = Path.GetDirectoryName(path);
        if (!string.IsNullOrEmpty(parent)) CreateDirectory(native, parent);
        native.CreateDirectory(path);
        if (!string.IsNullOrEmpty(parent)) TrySyncDirectory(native, parent);
    }

    /// <summary>Syncs the names of the directories above one, up to the mount point of its file system.</summary>
    internal static void SyncAbove(NativeCalls native, string directory)
    {
        var volume = native.TryFactsOf(directory, followsLinks: true)?.Id.Volume;
        for (var above = Path.GetDirectoryName(directory); above is not null; above = Path.GetDirectoryName(above))
        {
            if (native.TryFactsOf(above, followsLinks: true)?.Id.Volume != volume) return;
            if (!TrySyncDirectory(native, above)) return;
        }
    }

    private static PortableFile OpenEmpty(NativeCalls native, string path)
    {
        if (native.TryFactsOf(path, followsLinks: false) is not { } found)
            return new PortableFile(native, native.CreateNew(path), path);
        PlainFiles.ThrowIfNotPlain(found.Kind, path);
        // A file with a second name is not emptied; the name is given to a new file instead.
        if (found.LinkCount > 1)
        {
            native.Delete(path);
            return new PortableFile(native, native.CreateNew(path), path);
        }
        var file = new PortableFile(native, native.Open(path, isWritten: true), path);
        try
        {
            file.SetLength(0);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static WalEntryKind? KindOf(NativeCalls native, string path, FileAttributes attributes)
    {
        // On Windows the directory itself tells; elsewhere, and for what may be a link, the entry is looked at. It may
        // be gone by then.
        if (attributes == 0 || attributes.HasFlag(FileAttributes.ReparsePoint))
            return native.TryFactsOf(path, followsLinks: false)?.Kind;
        return attributes.HasFlag(FileAttributes.Directory) ? WalEntryKind.Directory : WalEntryKind.File;
    }

    private static long LengthOf(in FileFacts facts) => facts.Kind == WalEntryKind.File ? facts.LengthBytes : 0;

    // Where the file system does not sync directories, or this process may not open one, it does nothing. A log that
    // needs the sync asks for it again and then reports that.
    private static bool TrySyncDirectory(NativeCalls native, string path)
    {
        try
        {
            native.SyncDirectory(path);
            return true;
        }
        catch (WalIOException e) when (e.Cause == WalIOCause.NotSupported || (e.IsAccessDenied && !e.IsFailedSync))
        {
            return false;
        }
    }
}
