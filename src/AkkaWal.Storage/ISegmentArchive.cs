using AkkaWal.Storage.Files;

namespace AkkaWal.Storage;

/// <summary>
/// A store for sealed segments apart from the log's directory. It keeps files by place and name; each is written once
/// and never changed. A log's first place has the log's own id. A copy of a log has the same id, and so gets a place
/// with another id. Members may be called from any thread; one log writes one file at a time.
/// </summary>
/// <remarks>
/// Any member throws <see cref="WalIOException"/> where the archive can't be reached. The log then refuses the
/// operations that need it, and goes on with all others.
/// </remarks>
public interface ISegmentArchive
{
    /// <summary>
    /// Creates a place where it is missing, gives it to an owner where it has none, and returns when that is durable.
    /// </summary>
    /// <param name="place">The place.</param>
    /// <param name="owner">The log that claims it.</param>
    /// <param name="description">That log as text for operators.</param>
    /// <returns>
    /// The owner that the place has now, which may be another log. Empty where the owner can't be told; then no log may
    /// write there.
    /// </returns>
    Guid Claim(Guid place, Guid owner, string description);

    /// <summary>The owner of a place; null where it has none, empty where the owner can't be told.</summary>
    Guid? OwnerOf(Guid place);

    /// <summary>
    /// Copies a file into a place, over one that an earlier try left. Returns when the copy is durable and was compared
    /// with its source.
    /// </summary>
    /// <param name="place">A place that the caller owns.</param>
    /// <param name="name">The file's name, unique in its place.</param>
    /// <param name="source">The file.</param>
    /// <exception cref="WalIOException">
    /// The file was not stored. A partial copy does no harm; it may be deleted, or overwritten by another try.
    /// </exception>
    void Store(Guid place, string name, IWalFile source);

    /// <summary>
    /// Opens a file for reading; only the reading members of the returned file are used. A read can be as small as one
    /// record of a log, or four bytes of an index. Reads come from any thread.
    /// </summary>
    /// <exception cref="WalAbsentException">The archive can be reached and does not hold the file.</exception>
    IWalFile Open(Guid place, string name);

    /// <summary>
    /// Removes files from a place that the caller owns, in the given order, and returns when the removal is durable. A
    /// file that is missing is no error.
    /// </summary>
    void Delete(Guid place, IReadOnlyCollection<string> names);

    /// <summary>Where a file is or would be, as text for operators. Accesses nothing.</summary>
    string Describe(Guid place, string name);
}
