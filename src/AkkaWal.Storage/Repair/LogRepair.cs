using AkkaWal.Storage.Files;
using AkkaWal.Storage.Files.DryRun;

namespace AkkaWal.Storage.Repair;

/// <summary>
/// Repairs of a log that no process has open. Each does only what its name says. Bytes that a repair removes from the
/// log or overwrites are kept in a dated folder below <c>set-aside/</c>. Verify first: each fault names the repair that
/// it needs. No repair gives an offset a second time: where it is unknown which offsets were given, it leaves a gap
/// that is certainly large enough.
/// </summary>
/// <remarks>
/// Each takes the log's lock and throws <see cref="WalLockedException"/> where another process has it. It leaves a log
/// alone that a newer version made (<see cref="WalNewerVersionException"/>). After a crash in the middle it can be run
/// again, and comes to the same result. Where it fails before it has changed anything, its copies are removed again.
/// From any thread.
/// </remarks>
public static class LogRepair
{
    /// <summary>
    /// A file system to try repairs on. A repair that is given it as <c>files</c> changes nothing and reports what
    /// would be lost; <see cref="LogVerifier"/> then reports what would be left. Repairs that are tried on one dry run
    /// build on each other.
    /// </summary>
    /// <param name="files">The file system that is read; the machine's own where null.</param>
    /// <returns>
    /// A view whose changes stay in memory: at most 256 MiB of them, then writes fail as on a full disk. Copies of
    /// whole files take none of it. Locks are checked and not taken. From any thread.
    /// </returns>
    public static IWalFileSystem DryRun(IWalFileSystem? files = null) =>
        new DryRunFiles(files ?? WalFileSystem.Default);

    /// <summary>
    /// Rebuilds a sealed segment's index from its log. Needs a log without another fault. Nothing is lost.
    /// </summary>
    /// <exception cref="ArgumentException">
    /// There is no such sealed segment beside the log. (The active segment's index is rebuilt at each opening.)
    /// </exception>
    /// <exception cref="WalDamagedException">The log is damaged, so the index can't be rebuilt from it.</exception>
    public static RepairReport RebuildIndex(
        string directory, long baseOffset, WalOptions? options = null, IWalFileSystem? files = null) =>
        RepairSession.Run(directory, options, files, session => SegmentRepair.RebuildIndex(session, baseOffset));

    /// <summary>
    /// Cuts the last segment at its first bad frame, even where acknowledged records follow, and seals it there. The
    /// log goes on in a new segment behind every offset that may have been given.
    /// </summary>
    /// <param name="directory">The log's directory; an absolute path.</param>
    /// <param name="options">How the log is kept; the defaults where null.</param>
    /// <param name="files">The file system; the machine's own where null.</param>
    /// <param name="nextOffset">
    /// The offset at which the log goes on: one that was certainly never given. Null where the caller knows none.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">The next offset was given already.</exception>
    /// <exception cref="WalFaultException">There is another fault, which must be repaired first.</exception>
    public static RepairReport CutTail(
        string directory, WalOptions? options = null, IWalFileSystem? files = null, long? nextOffset = null) =>
        RepairSession.Run(directory, options, files, session => ActiveRepair.CutTail(session, nextOffset));

    /// <summary>
    /// Replaces the active segment where it is missing or has no valid header. The log goes on in a new segment behind
    /// every offset that may have been given. Parameters and errors as in <see cref="CutTail"/>.
    /// </summary>
    /// <exception cref="ArgumentException">The active segment is there and has a valid header.</exception>
    public static RepairReport ReplaceActive(
        string directory, WalOptions? options = null, IWalFileSystem? files = null, long? nextOffset = null) =>
        RepairSession.Run(directory, options, files, session => ActiveRepair.ReplaceActive(session, nextOffset));

    /// <summary>
    /// Takes a sealed segment out of the log, or gives up a missing one. Its offsets become a gap. Also removes a file
    /// that starts inside another segment.
    /// </summary>
    /// <exception cref="ArgumentException">It is the active segment, or no segment of the log.</exception>
    public static RepairReport SetSegmentAside(
        string directory, long baseOffset, WalOptions? options = null, IWalFileSystem? files = null) =>
        RepairSession.Run(directory, options, files, session => SegmentRepair.SetAside(session, baseOffset));

    /// <summary>
    /// Lists a segment in the MANIFEST as sealed although its seal was never finished and it has bad frames. All its
    /// whole records stay.
    /// </summary>
    /// <exception cref="ArgumentException">There is no such segment.</exception>
    /// <exception cref="WalFaultException">There is an earlier fault, which must be repaired first.</exception>
    public static RepairReport SealAsItIs(
        string directory, long baseOffset, WalOptions? options = null, IWalFileSystem? files = null) =>
        RepairSession.Run(directory, options, files, session => SegmentRepair.SealAsItIs(session, baseOffset));

    /// <summary>
    /// Puts a segment back that was deleted, lost or set aside, from a copy of its file. The copy must be whole and of
    /// this log, and its offsets must lie in a gap.
    /// </summary>
    /// <param name="directory">The log's directory; an absolute path.</param>
    /// <param name="file">The path of the copy, a <c>.log</c> or <c>.logz</c> file. It stays where it is.</param>
    /// <param name="options">How the log is kept; the defaults where null.</param>
    /// <param name="files">The file system; the machine's own where null.</param>
    /// <exception cref="ArgumentException">The copy's offsets do not lie in a gap.</exception>
    /// <exception cref="WalFaultException">
    /// The copy is damaged or of another log; or the log has a fault, which must be repaired first.
    /// </exception>
    public static RepairReport PutSegmentBack(
        string directory, string file, WalOptions? options = null, IWalFileSystem? files = null) =>
        RepairSession.Run(directory, options, files, session =>
            SegmentReturn.PutBack(session, files ?? WalFileSystem.Default, file));

    /// <summary>
    /// Rebuilds a lost or damaged MANIFEST from the segments. Offsets between them count as deleted from then on, also
    /// those of archived segments.
    /// </summary>
    /// <exception cref="WalFaultException">No segment's header tells which log this is.</exception>
    public static RepairReport RebuildManifest(
        string directory, WalOptions? options = null, IWalFileSystem? files = null) =>
        RepairSession.Run(directory, options, files, ManifestRepair.Rebuild);
}
