namespace AkkaWal.Storage.Files;

/// <summary>How <see cref="IWalFileSystem.Open"/> opens a file.</summary>
public enum FileAccessMode
{
    /// <summary>An existing file, to read.</summary>
    Read,

    /// <summary>
    /// An existing file, to read and write; refused where it has a second name, whose bytes would change as well.
    /// </summary>
    ReadWrite,

    /// <summary>A new file, to read and write; it is an error that the name exists.</summary>
    CreateNew,

    /// <summary>An empty file to read and write, in place of what has the name: for temporary files only.</summary>
    CreateOrTruncate,

    /// <summary>
    /// An existing file that changes no more, to read through a mapping into memory; as <see cref="Read"/> where there is no such thing or no more room for
    /// one. An error of the disk, or of somebody who cuts the file short all the same, then ends the process.
    /// </summary>
    ReadMapped,
}
