using System.Text;
using AkkaWal.Storage.Files.Posix.Calls;
using Microsoft.Win32.SafeHandles;

namespace AkkaWal.Storage.Files.Posix;

/// <summary>
/// A path and the file or directory that was opened by it. Asked before each acknowledgement whether the path still
/// leads there. That costs one system call and no access to the disk. Any thread may ask.
/// </summary>
internal sealed unsafe class KnownPath
{
    private readonly PosixPlace _place;
    private readonly byte[] _name;
    private readonly int _flags;
    private readonly FileId _id;

    /// <param name="place">The path. A name in a directory that stays open costs least.</param>
    /// <param name="id">The identity of the file or directory that was opened by it.</param>
    /// <param name="followsLinks">Whether the last name of the path may be a symbolic link.</param>
    internal KnownPath(in PosixPlace place, FileId id, bool followsLinks)
    {
        _place = place.IsOwned ? PosixPlace.Of(place.Path) : place;
        (_id, _flags) = (id, followsLinks ? 0 : Libc.NoFollowLinks);
        _name = GC.AllocateArray<byte>(Encoding.UTF8.GetMaxByteCount(_place.Name.Length) + 1, pinned: true);
        Encoding.UTF8.GetBytes(_place.Name, _name);
    }

    /// <summary>Whether the path still leads to the file or directory.</summary>
    /// <param name="opened">The open file or directory.</param>
    /// <exception cref="WalIOException">The platform can't tell, or a handle is closed.</exception>
    internal bool LeadsTo(SafeFileHandle opened)
    {
        try
        {
            Libc.StatBuffer named;
            fixed (byte* name = _name)
            {
                if (Libc.TryStat(_place.Directory, name, _flags, Libc.StatsWithoutTimes, &named) == 0
                    && FileId.Of(named) == _id)
                {
                    return true;
                }
            }
            // An overlay file system can give a file a new number at its first write. The open file then has it too.
            return PosixCalls.TryIdOf(_place, _flags) is { } id && (id == _id || id == FileId.Of(opened, _place.Path));
        }
        catch (ObjectDisposedException)
        {
            throw new WalIOException("look at", _place.Path, false, "it is closed");
        }
    }
}
