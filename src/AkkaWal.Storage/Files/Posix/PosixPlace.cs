using AkkaWal.Storage.Files.Posix.Calls;
using Microsoft.Win32.SafeHandles;

namespace AkkaWal.Storage.Files.Posix;

/// <summary>A name in an open directory, which is how a path is passed to the platform.</summary>
/// <param name="Directory">The directory that holds the name, or from which a whole path is resolved.</param>
/// <param name="Name">The name; <c>.</c> for the directory itself; a whole path where the platform resolves it.</param>
/// <param name="Path">The path, for operators.</param>
/// <param name="IsOwned">Whether the directory is closed with this.</param>
internal readonly record struct PosixPlace(SafeFileHandle Directory, string Name, string Path, bool IsOwned = false)
    : IDisposable
{
    private static readonly SafeFileHandle Anywhere = new(Libc.Anywhere, ownsHandle: false);

    /// <summary>A whole path, which the platform resolves.</summary>
    internal static PosixPlace Of(string path) => new(Anywhere, path, path);

    public void Dispose()
    {
        if (IsOwned) Directory.Dispose();
    }
}
