using System.Text;
using AkkaWal.Storage.Files;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Storage.Judgement;

/// <summary>
/// The file <c>DELETING</c>: which segments a deletion is about to remove, one log file's name a line. It is on the
/// disk before the MANIFEST calls them deleted, and goes once it is on the disk that their files are gone. So an
/// opening tells what an interrupted deletion left from what a person put there: the former it removes, the latter it
/// sets aside.
/// </summary>
internal static class DeletionNote
{
    /// <summary>
    /// Writes it, and returns when it is on the disk; where there is no room it is left out, for a deletion makes some:
    /// then what a crash leaves is set aside.
    /// </summary>
    /// <exception cref="WalIOException">The platform failed.</exception>
    internal static void Write(SegmentStore store, IEnumerable<SealedSegment> gone)
    {
        var path = store.PathOf(SegmentName.Deleting);
        var lines = string.Concat(gone.Select(segment => SegmentName.Log(segment.BaseOffset) + "\n"));
        try
        {
            store.Files.WriteWhole(path, Encoding.ASCII.GetBytes(lines));
            store.Files.SyncDirectory(store.Directory);
        }
        catch (WalIOException e)
        {
            Forget(store);
            store.Files.TryDelete(path + WholeFile.TemporarySuffix);
            if (!e.IsOutOfSpace || e.IsFailedSync) throw;
        }
    }

    /// <summary>Removes it of a deletion that did not happen.</summary>
    internal static void Forget(SegmentStore store) => store.Files.TryDelete(store.PathOf(SegmentName.Deleting));

    /// <summary>
    /// Removes it once the files are gone for good: were it to go before them, nobody would know why they are there.
    /// </summary>
    /// <returns>Why it is still there; null where it is gone.</returns>
    internal static WalIOException? Clear(SegmentStore store)
    {
        try
        {
            store.Files.SyncDirectory(store.Directory);
            if (store.Files.TryDelete(store.PathOf(SegmentName.Deleting)) is { } failure) return failure;
            // A note that a power cut brings back would have the next opening remove what a person puts back meanwhile.
            store.Files.SyncDirectory(store.Directory);
            return null;
        }
        catch (WalIOException e)
        {
            return e;
        }
    }

    /// <summary>The base offsets that it names; none where it is not there or says something else.</summary>
    internal static IReadOnlySet<long> Read(SegmentStore store, DirectoryNames names)
    {
        var bases = new HashSet<long>();
        if (!names.HasDeletionNote || !names.IsPlain(SegmentName.Deleting)) return bases;
        var lines = Encoding.ASCII.GetString(store.Files.ReadWhole(store.PathOf(SegmentName.Deleting))).Split('\n');
        foreach (var line in lines)
            if (SegmentName.TryParse(line, SegmentName.LogSuffix, out var baseOffset)) bases.Add(baseOffset);
        return bases;
    }
}
