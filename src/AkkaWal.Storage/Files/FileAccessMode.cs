namespace AkkaWal.Storage.Files;

/// <summary>How <see cref="IWalFileSystem.Open"/> opens a file.</summary>
public enum FileAccessMode
{
    /// <summary>An existing file, for reading.</summary>
    Read,

    /// <summary>
    /// An existing file, for reading and writing. Refused where it has a second name (a hard link), which would change
    /// too.
    /// </summary>
    ReadWrite,

    /// <summary>A new file, for reading and writing. An existing name is an error.</summary>
    CreateNew,

    /// <summary>An empty file, for reading and writing. Replaces an existing file: for temporary files only.</summary>
    CreateOrTruncate,

    /// <summary>
    /// An existing file that does not change any more, for reading through a mapping into memory. As <see cref="Read"/>
    /// where mapping is not supported or there is no room for a mapping. A disk error, or a process that cuts the file
    /// short, then ends this process.
    /// </summary>
    ReadMapped,
}
