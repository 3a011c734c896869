using System.Text;
using Microsoft.Win32.SafeHandles;

namespace AkkaWal.Storage.Files.Posix;

/// <summary>
/// A name in a directory, or a path, and what was opened by it: asked before each acknowledgement whether the one still
/// leads to the other. One question to the platform, and no access to the disk. Any thread may ask.
/// </summary>
internal sealed unsafe class KnownPath
{
    private readonly PosixPlace _place;
    private readonly byte[] _name;
    private readonly int _flags;
    private readonly FileId _id;

    /// <param name="place">Where it is. In a directory that stays open it costs least.</param>
    /// <param name="id">What was opened by it.</param>
    /// <param name="followsLinks">Whether its last name may be a link.</param>
    internal KnownPath(in PosixPlace place, FileId id, bool followsLinks)
    {
        _place = place.IsOwned ? PosixPlace.Of(place.Path) : place;
        (_id, _flags) = (id, followsLinks ? 0 : Libc.NoFollowLinks);
        _name = GC.AllocateArray<byte>(Encoding.UTF8.GetMaxByteCount(_place.Name.Length) + 1, pinned: true);
        Encoding.UTF8.GetBytes(_place.Name, _name);
    }

    /// <summary>Whether it does.</summary>
    /// <param name="opened">What was opened.</param>
    /// <exception cref="WalIOException">The platform can't tell, or one of the two is closed.</exception>
    internal bool LeadsTo(SafeFileHandle opened)
    {
        try
        {
            Libc.StatBuffer named;
            fixed (byte* name = _name)
            {
                if (Libc.TryStat(_place.Directory, name, _flags, Libc.BasicStats, &named) == 0
                    && FileId.Of(named) == _id)
                {
                    return true;
                }
            }
            // An overlay may give a file another number when it is first written: then the open one has it too.
            return PosixCalls.TryIdOf(_place, _flags) is { } id && (id == _id || id == FileId.Of(opened, _place.Path));
        }
        catch (ObjectDisposedException)
        {
            throw new WalIOException("look at", _place.Path, false, "it is closed");
        }
    }
}
