using System.Text;
using Microsoft.Win32.SafeHandles;

namespace AkkaWal.Storage.Files.Posix;

/// <summary>
/// A path and the file or directory that was opened by it: asked before each acknowledgement whether the one still leads
/// to the other. One question to the platform, and no access to the disk. Any thread may ask.
/// </summary>
internal sealed unsafe class KnownPath
{
    private readonly string _path;
    private readonly byte[] _bytes;
    private readonly int _flags;
    private readonly FileId _id;

    /// <param name="path">An absolute path.</param>
    /// <param name="id">What was opened by it.</param>
    /// <param name="followsLinks">Whether its last name may be a link.</param>
    internal KnownPath(string path, FileId id, bool followsLinks)
    {
        (_path, _id, _flags) = (path, id, followsLinks ? 0 : Libc.NoFollowLinks);
        _bytes = GC.AllocateArray<byte>(Encoding.UTF8.GetMaxByteCount(path.Length) + 1, pinned: true);
        Encoding.UTF8.GetBytes(path, _bytes);
    }

    /// <summary>Whether it does.</summary>
    /// <param name="opened">What was opened.</param>
    /// <exception cref="WalIOException">The platform can't tell.</exception>
    internal bool LeadsTo(SafeFileHandle opened)
    {
        Libc.StatBuffer named;
        fixed (byte* path = _bytes)
        {
            if (Libc.TryStat(Libc.Anywhere, path, _flags, Libc.BasicStats, &named) == 0 && FileId.Of(named) == _id)
                return true;
        }
        // An overlay may give a file another number when it is first written: then the open one has it too.
        return PosixCalls.TryIdOf(PosixPlace.Of(_path), _flags) is { } id
            && (id == _id || id == FileId.Of(opened, _path));
    }
}
