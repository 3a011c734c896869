using System.Globalization;
using AkkaWal.Storage.Recovery;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Storage.Epochs;

/// <summary>
/// Files in a former epoch's directory that the log does not use and a person may want back. They are set aside there,
/// and <c>set-aside/</c> moves along. The former directory goes, with all that bears a name of the log's: so a file
/// that could not be set aside gets another name, and moves along as what a person put there does.
/// </summary>
internal static class FormerFiles
{
    /// <summary>What the name ends with of anything that was an epoch's and moved along.</summary>
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
