namespace AkkaWal.Storage.IO;

/// <summary>How <see cref="IWalFileSystem.Open"/> opens a file.</summary>
public enum FileAccessMode
{
    /// <summary>An existing file, to read.</summary>
    Read,

    /// <summary>An existing file, to read and write.</summary>
    ReadWrite,

    /// <summary>A new file, to read and write; it is an error that the name exists.</summary>
    CreateNew,

    /// <summary>A file to read and write, emptied where it exists: for temporary files only.</summary>
    CreateOrTruncate,
}
