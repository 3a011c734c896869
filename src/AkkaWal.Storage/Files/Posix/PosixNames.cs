using AkkaWal.Storage.Files.Posix.Calls;
using Microsoft.Win32.SafeHandles;

namespace AkkaWal.Storage.Files.Posix;

/// <summary>
/// Syncs the names of directories from one of them upwards. A name can be visible without being on the disk.
/// </summary>
internal static class PosixNames
{
    // A bound for the loop. No path of Linux is as deep.
    private const int MaxDepth = 2048;

    // How many directories are remembered. Beyond that all are forgotten.
    private const int MaxKnown = 4096;

    // Directories whose names, up to the root, this process has synced. Many logs lie below the same few directories.
    private static readonly HashSet<Id> Known = [];

    /// <summary>
    /// Syncs the name of a directory, on each call, and the names of the directories above it, once in a process.
    /// </summary>
    /// <param name="directory">The directory.</param>
    /// <param name="path">Its path, for operators.</param>
    /// <exception cref="WalIOException">A sync failed, or descriptors or memory were lacking.</exception>
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
                // The root is its own parent. Where the device changes, the name belongs to another file system.
                if (Id.Of(aboveStat) == Id.Of(stat) || !IsSameDevice(aboveStat, stat) || !TrySync(above, path)) break;
                if (depth > 0) synced.Add(Id.Of(stat));
                (at, stat) = (above, aboveStat);
            }
        }
        finally
        {
            opened?.Dispose();
        }
        lock (Known)
        {
            if (Known.Count > MaxKnown) Known.Clear();
            Known.UnionWith(synced);
        }
    }

    private static bool IsKnown(Id id)
    {
        lock (Known) return Known.Contains(id);
    }

    // A process that may not open a directory has not created a name in it.
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
    /// Syncs a directory in which a name was created. Where its file system does not sync directories it does nothing;
    /// a log that needs the sync asks for it again and then reports that.
    /// </summary>
    /// <exception cref="WalIOException">The sync failed, or descriptors or memory were lacking.</exception>
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

    private readonly record struct Id(
        ulong Inode, uint DeviceMajor, uint DeviceMinor, long BornAtSeconds, uint BornAtNanoseconds)
    {
        internal static Id Of(in Libc.StatBuffer stat) =>
            new(stat.Inode, stat.DeviceMajor, stat.DeviceMinor, stat.BornAtSeconds, stat.BornAtNanoseconds);
    }
}
