using Microsoft.Win32.SafeHandles;

namespace AkkaWal.Storage.Files.Posix;

/// <summary>
/// Syncs the names of directories from one of them upwards: a name that everybody sees is not on the disk for that.
/// </summary>
internal static class PosixNames
{
    // Deeper than that no path of Linux goes.
    private const int MaxDepth = 2048;

    // So many may be known at a time; then they are found out anew.
    private const int MaxKnown = 4096;

    // Directories whose names, and those above, this process has synced: many logs live below the same few.
    private static readonly HashSet<Id> s_known = [];

    /// <summary>Syncs the name of a directory, each time, and those of the directories above it, once.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="path">Its path, for people.</param>
    /// <exception cref="WalIOException">A sync failed, or something was lacking.</exception>
    internal static void SyncAbove(SafeFileHandle directory, string path)
    {
        List<Id> synced = [];
        SafeFileHandle? opened = null;
        try
        {
            var (at, stat) = (directory, PosixCalls.StatOf(directory, path));
            for (var depth = 0; depth < MaxDepth && (stat.Attributes & Libc.MountRoot) == 0; depth++)
            {
                if (depth > 0 && IsKnown(Id.Of(stat))) break;
                path = Path.GetDirectoryName(path) ?? path;
                if (TryOpenAbove(at, path) is not { } above) break;
                opened?.Dispose();
                opened = above;
                var aboveStat = PosixCalls.StatOf(above, path);
                // The root is its own parent; where the device changes, another file system holds the mount point's name.
                if (Id.Of(aboveStat) == Id.Of(stat) || !IsSameDevice(aboveStat, stat) || !TrySync(above, path)) break;
                if (depth > 0) synced.Add(Id.Of(stat));
                (at, stat) = (above, aboveStat);
            }
        }
        finally
        {
            opened?.Dispose();
        }
        lock (s_known)
        {
            if (s_known.Count > MaxKnown) s_known.Clear();
            s_known.UnionWith(synced);
        }
    }

    private static bool IsKnown(Id id)
    {
        lock (s_known) return s_known.Contains(id);
    }

    // Whoever may not look into a directory has not made it, nor a name in it just now.
    private static SafeFileHandle? TryOpenAbove(SafeFileHandle directory, string path)
    {
        try
        {
            return PosixCalls.OpenDirectory(new PosixPlace(directory, "..", path), followsLinks: false);
        }
        catch (WalIOException e) when (e.IsAccessDenied)
        {
            return null;
        }
    }

    /// <summary>
    /// Syncs a directory that a name was made in. Where its file system does not do that, whoever needs the promise
    /// asks for it below, and says what can't be promised.
    /// </summary>
    /// <exception cref="WalIOException">The sync failed, or something was lacking.</exception>
    internal static void SyncWhereSupported(in PosixPlace place)
    {
        using var directory = PosixCalls.OpenDirectory(place, followsLinks: true);
        TrySync(directory, place.Path);
    }

    private static bool TrySync(SafeFileHandle directory, string path)
    {
        try
        {
            PosixCalls.Sync(directory, path);
            return true;
        }
        catch (WalIOException e) when (e.Cause == WalIOCause.NotSupported)
        {
            return false;
        }
    }

    private static bool IsSameDevice(in Libc.StatBuffer one, in Libc.StatBuffer other) =>
        (one.DeviceMajor, one.DeviceMinor) == (other.DeviceMajor, other.DeviceMinor);

    private readonly record struct Id(ulong Inode, uint DeviceMajor, uint DeviceMinor, long BornAtSeconds, uint BornAtNanoseconds)
    {
        internal static Id Of(in Libc.StatBuffer stat) =>
            new(stat.Inode, stat.DeviceMajor, stat.DeviceMinor, stat.BornAtSeconds, stat.BornAtNanoseconds);
    }
}
