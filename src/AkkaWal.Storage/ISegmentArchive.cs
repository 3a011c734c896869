using AkkaWal.Storage.IO;

namespace AkkaWal.Storage;

/// <summary>
/// Where sealed segments can be kept other than beside the log: files by log and name, written once and never changed. Several logs
/// may share one. May be called from any thread; one log writes one file at a time.
/// </summary>
/// <remarks>
/// That the archive can't be reached is a <see cref="WalIOException"/>, from any member: the log refuses what needs it and goes on
/// with everything else.
/// </remarks>
public interface ISegmentArchive
{
    /// <summary>Makes a place for a log's files where it has none, and returns when that is durable.</summary>
    void Prepare(Guid logId);

    /// <summary>Copies a file in, over what an earlier try left, and returns when the copy is durable and proved to be the same bytes.</summary>
    /// <param name="logId">The log; it has a place.</param>
    /// <param name="name">The file's name, unique in its log.</param>
    /// <param name="source">The file.</param>
    /// <exception cref="WalIOException">It could not be; what is left of the try is harmless and may be deleted or stored again.</exception>
    void Store(Guid logId, string name, IWalFile source);

    /// <summary>
    /// Opens a file for reading; only the reading members of what is returned need work. Reads may be as small as a record of the log, and
    /// of an index file four bytes; they come from any thread.
    /// </summary>
    /// <exception cref="WalAbsentException">The archive can be reached and does not hold it.</exception>
    IWalFile Open(Guid logId, string name);

    /// <summary>Removes files, and returns when they will not come back; it is no error that one is not there.</summary>
    void Delete(Guid logId, IReadOnlyCollection<string> names);

    /// <summary>Where a file is or would be, for people. Touches nothing.</summary>
    string Describe(Guid logId, string name);
}
