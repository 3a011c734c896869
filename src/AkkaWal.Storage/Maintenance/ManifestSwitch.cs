using AkkaWal.Storage.Format;
using AkkaWal.Storage.IO;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Storage.Maintenance;

/// <summary>
/// The one moment at which an operation on a sealed segment happens: the MANIFEST that records it takes the place of the one
/// before. What an operation prepared before that is swept at the next opening, what it has to clean up behind it as well.
/// </summary>
internal static class ManifestSwitch
{
    /// <summary>Replaces the MANIFEST and returns when it is on the disk.</summary>
    /// <exception cref="WalIOException">It definitely did not happen.</exception>
    /// <exception cref="WalOutcomeUnknownException">Which of the two a power cut leaves is not known: both must stay true, so that
    /// nothing may be removed and no other MANIFEST be written until the log is opened anew.</exception>
    internal static void Run(SegmentStore store, Manifest manifest)
    {
        var path = store.PathOf(SegmentName.Manifest);
        string temporary;
        try
        {
            temporary = store.Files.PrepareWhole(path, manifest.Encode());
        }
        catch (WalIOException)
        {
            store.Files.TryDelete(path + WholeFile.TemporarySuffix);
            throw;
        }
        try
        {
            store.Files.Rename(temporary, path);
            store.Files.SyncDirectory(store.Directory);
        }
        catch (WalIOException e)
        {
            throw new WalOutcomeUnknownException($"{e.Message}; whether the MANIFEST changed is known when the log is opened anew", e);
        }
    }
}
