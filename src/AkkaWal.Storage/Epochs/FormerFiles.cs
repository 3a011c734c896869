using System.Globalization;
using AkkaWal.Storage.Recovery;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Storage.Epochs;

/// <summary>
/// Keeps files of a former epoch that the log does not use and a person may want back. They are set aside in the former
/// directory; <c>set-aside/</c> moves to the new one later. All other files with a name of the log's are removed from
/// the former directory. So a file that can't be set aside gets a name that is not the log's.
/// </summary>
internal static class FormerFiles
{
    /// <summary>How a name ends that tells the former epoch of what is kept.</summary>
    internal static string SuffixOf(long epoch) => "before-" + epoch.ToString(CultureInfo.InvariantCulture);

    /// <summary>Keeps files of an epoch.</summary>
    /// <param name="former">The epoch's directory, or the log's own.</param>
    /// <param name="epoch">The epoch; 0 for the log's own directory.</param>
    /// <param name="files">Their names, and for each why the log does not use it.</param>
    /// <param name="note">Takes lines for people.</param>
    /// <exception cref="WalIOException">A file could neither be set aside nor renamed. It is where it was.</exception>
    internal static void Keep(
        SegmentFiles former, long epoch, IReadOnlyList<(string Name, string Why)> files, Action<string> note)
    {
        foreach (var name in new SetAside(former, note).Move(files))
        {
            var (path, kept) = (former.PathOf(name), former.PathOf($"{name}.{SuffixOf(epoch)}"));
            // A rename that failed may have moved it all the same.
            if (former.Disk.Stat(path) is null) continue;
            former.Disk.Rename(path, kept);
            note($"{path} is kept as {Path.GetFileName(kept)}");
        }
    }
}
