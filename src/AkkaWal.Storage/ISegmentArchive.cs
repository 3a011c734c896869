using AkkaWal.Storage.Files;

namespace AkkaWal.Storage;

/// <summary>
/// Where sealed segments can be kept other than beside the log: files by place and name, written once and never
/// changed. Each log has a place, whose id is the log's own; a copy of a log, which bears the same id, gets a place of
/// another id. May be called from any thread; one log writes one file at a time.
/// </summary>
/// <remarks>
/// That the archive can't be reached is a <see cref="WalIOException"/>, from any member: the log refuses what needs it and goes on
/// with everything else.
/// </remarks>
public interface ISegmentArchive
{
    /// <summary>
    /// Makes a place where there is none, gives it to an owner where it has none, and returns when that is durable.
    /// </summary>
    /// <param name="place">The place.</param>
    /// <param name="owner">Who wants it.</param>
    /// <param name="description">Who that is, for people.</param>
    /// <returns>Whose it is now, which may be somebody else; empty where that can't be told, and it is nobody's to
    /// write.</returns>
    Guid Claim(Guid place, Guid owner, string description);

    /// <summary>Whose a place is; null where nobody has claimed it, empty where that can't be told.</summary>
    Guid? OwnerOf(Guid place);

    /// <summary>Copies a file in, over what an earlier try left, and returns when the copy is durable and proved to be the same bytes.</summary>
    /// <param name="place">A place that the caller owns.</param>
    /// <param name="name">The file's name, unique in its place.</param>
    /// <param name="source">The file.</param>
    /// <exception cref="WalIOException">It could not be; what is left of the try is harmless and may be deleted or stored again.</exception>
    void Store(Guid place, string name, IWalFile source);

    /// <summary>
    /// Opens a file for reading; only the reading members of what is returned need work. Reads may be as small as a record of the log, and
    /// of an index file four bytes; they come from any thread.
    /// </summary>
    /// <exception cref="WalAbsentException">The archive can be reached and does not hold it.</exception>
    IWalFile Open(Guid place, string name);

    /// <summary>
    /// Removes files of a place that the caller owns, one after the other, and returns when they will not come back; it
    /// is no error that one is not there.
    /// </summary>
    void Delete(Guid place, IReadOnlyCollection<string> names);

    /// <summary>Where a file is or would be, for people. Touches nothing.</summary>
    string Describe(Guid place, string name);
}
