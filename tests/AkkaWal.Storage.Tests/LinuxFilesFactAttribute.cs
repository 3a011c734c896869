using AkkaWal.Storage.Files.Posix;

namespace AkkaWal.Storage.Tests;

/// <summary>
/// A fact that the file system for Linux alone promises. It is skipped where the specs run on the portable one
/// (AkkaWal.Portable.Tests).
/// </summary>
public sealed class LinuxFilesFactAttribute : FactAttribute
{
    /// <param name="lack">What the portable file system does instead.</param>
    public LinuxFilesFactAttribute(string lack)
    {
        if (WalFileSystem.Default is not PosixFileSystem) Skip = lack;
    }
}
