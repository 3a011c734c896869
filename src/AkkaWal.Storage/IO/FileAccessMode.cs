namespace AkkaWal.Storage.IO;

/// <summary>How <see cref="IWalFileSystem.Open"/> opens a file.</summary>
public enum FileAccessMode
{
    /// <summary>An existing file, to read.</summary>
    Read,

    /// <summary>
    /// An existing file that changes no more, to read through a mapping into memory. An error of the disk, and a file that somebody cuts short all the same, is
    /// then no exception but ends the process (SIGBUS). A file system that has no such thing opens it as to read.
    /// </summary>
    ReadMapped,

    /// <summary>An existing file, to read and write.</summary>
    ReadWrite,

    /// <summary>A new file, to read and write; it is an error that the name exists.</summary>
    CreateNew,

    /// <summary>A file to read and write, emptied where it exists: for temporary files only.</summary>
    CreateOrTruncate,
}
