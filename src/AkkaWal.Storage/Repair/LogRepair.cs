using AkkaWal.Storage.Files;
using AkkaWal.Storage.Files.Posix;
using AkkaWal.Storage.Recovery;

namespace AkkaWal.Storage.Repair;

/// <summary>
/// Repairs of a log that nobody has open, each only what its name says. What one takes out of the log or writes over is
/// kept in a dated folder below <c>set-aside/</c>. Verify first: each fault says which one is needed. None gives an
/// offset a second time: where nothing tells up to where offsets were given, it leaves a gap that is certainly large
/// enough.
/// </summary>
/// <remarks>
/// Each takes the log's lock, throws <see cref="WalLockedException"/> where somebody holds it, and leaves a log alone
/// that a newer version made (<see cref="WalNewerVersionException"/>). Told again after a crash in the middle, it comes
/// to the same end.
/// </remarks>
public static class LogRepair
{
    /// <summary>
    /// Makes a sealed segment's index anew from its log. Needs a log without a fault; nothing is lost.
    /// </summary>
    /// <exception cref="ArgumentException">
    /// It is no sealed segment beside the log: the active one's index is made by each opening.
    /// </exception>
    /// <exception cref="WalDamagedException">The log is damaged: its index can't be made from it.</exception>
    public static RepairReport RebuildIndex(string directory, long baseOffset, WalOptions? options = null, IWalFileSystem? files = null) =>
        RepairBench.Run(directory, options, files, bench => SegmentRepair.RebuildIndex(bench, baseOffset));

    /// <summary>
    /// Cuts the last segment at its first bad frame, acknowledged records behind it or not, seals it there, and has the
    /// log go on behind every offset that may have been given.
    /// </summary>
    /// <param name="directory">The log's.</param>
    /// <param name="options">How the log is kept.</param>
    /// <param name="files">The file system.</param>
    /// <param name="nextOffset">
    /// Where the log is to go on; null where the caller does not know an offset that was surely never given.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">The next offset was given already.</exception>
    /// <exception cref="WalFaultException">Something else is wrong too, and is to be mended first.</exception>
    public static RepairReport CutTail(
        string directory, WalOptions? options = null, IWalFileSystem? files = null, long? nextOffset = null) =>
        RepairBench.Run(directory, options, files, bench => ActiveRepair.CutTail(bench, nextOffset));

    /// <summary>
    /// Takes a segment that is missing, or has no good head, out of the log as the one that takes the appends, and has
    /// the log go on behind every offset that may have been given. Parameters and errors as <see cref="CutTail"/>.
    /// </summary>
    /// <exception cref="ArgumentException">The active segment is there.</exception>
    public static RepairReport ReplaceActive(
        string directory, WalOptions? options = null, IWalFileSystem? files = null, long? nextOffset = null) =>
        RepairBench.Run(directory, options, files, bench => ActiveRepair.ReplaceActive(bench, nextOffset));

    /// <summary>
    /// Takes a sealed segment out of the log, or gives up one that is missing: its offsets are a gap from then on. Also
    /// takes away a file that starts inside another segment.
    /// </summary>
    /// <exception cref="ArgumentException">It is the active segment, or none of the log's.</exception>
    public static RepairReport SetSegmentAside(string directory, long baseOffset, WalOptions? options = null, IWalFileSystem? files = null) =>
        RepairBench.Run(directory, options, files, bench => SegmentRepair.SetAside(bench, baseOffset));

    /// <summary>
    /// Takes a segment that was never sealed in order, and has bad frames, into the MANIFEST: all its whole records
    /// stay.
    /// </summary>
    /// <exception cref="ArgumentException">There is no such segment.</exception>
    /// <exception cref="WalFaultException">Something before it is wrong too, and is to be mended first.</exception>
    public static RepairReport SealAsItIs(
        string directory, long baseOffset, WalOptions? options = null, IWalFileSystem? files = null) =>
        RepairBench.Run(directory, options, files, bench => SegmentRepair.SealAsItIs(bench, baseOffset));

    /// <summary>
    /// Puts a segment back that was deleted, lost or set aside, from a copy of its file. The copy must be whole, of
    /// this log, and lie in a gap.
    /// </summary>
    /// <param name="directory">The log's.</param>
    /// <param name="file">The copy's path, <c>.log</c> or <c>.logz</c>; it stays where it is.</param>
    /// <param name="options">How the log is kept.</param>
    /// <param name="files">The file system.</param>
    /// <exception cref="ArgumentException">Its offsets are in the log, or were never in it.</exception>
    /// <exception cref="WalFaultException">
    /// The copy is damaged or of another log; or the log can't be opened, and is to be mended first.
    /// </exception>
    public static RepairReport PutSegmentBack(
        string directory, string file, WalOptions? options = null, IWalFileSystem? files = null) =>
        RepairBench.Run(directory, options, files, bench =>
            SegmentReturn.PutBack(bench, files ?? PosixFileSystem.Instance, file));

    /// <summary>
    /// Makes a lost or damaged MANIFEST anew from the segments. What is missing between them counts as deleted from
    /// then on, and so does what is in an archive.
    /// </summary>
    /// <exception cref="WalFaultException">No segment's header tells which log this is.</exception>
    public static RepairReport RebuildManifest(
        string directory, WalOptions? options = null, IWalFileSystem? files = null) =>
        RepairBench.Run(directory, options, files, ManifestRepair.Rebuild);
}
