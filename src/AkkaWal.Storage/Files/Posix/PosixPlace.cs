using Microsoft.Win32.SafeHandles;

namespace AkkaWal.Storage.Files.Posix;

/// <summary>Where a path leads: a name in an open directory.</summary>
/// <param name="Directory">The directory that the name is in, or that the path is resolved from.</param>
/// <param name="Name">The name in it; <c>.</c> for the directory itself; a whole path where it is resolved by the
/// platform.</param>
/// <param name="Path">The path, for people.</param>
/// <param name="IsOwned">Whether the directory was opened for this one question.</param>
internal readonly record struct PosixPlace(SafeFileHandle Directory, string Name, string Path, bool IsOwned = false)
    : IDisposable
{
    private static readonly SafeFileHandle Anywhere = new(Libc.Anywhere, ownsHandle: false);

    /// <summary>A path as the platform resolves it.</summary>
    internal static PosixPlace Of(string path) => new(Anywhere, path, path);

    public void Dispose()
    {
        if (IsOwned) Directory.Dispose();
    }
}
