using AkkaWal.Storage.Files;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Judgement;
using AkkaWal.Storage.Recovery;
using AkkaWal.Storage.Segments;
using AkkaWal.Storage.Tail;

namespace AkkaWal.Storage.Catalog;

/// <summary>
/// Carries out what a judgement found to be written before a log is used. Each step leaves a directory that the next
/// opening judges alike, so that whatever fails here can be tried again.
/// </summary>
internal static class LogOpening
{
    /// <summary>Carries out.</summary>
    /// <param name="judgement">One that refuses nothing.</param>
    /// <param name="note">Told what a person should know.</param>
    /// <returns>The log with its id, and its sealed segments.</returns>
    /// <exception cref="WalIOException">The platform failed.</exception>
    internal static (SegmentStore Store, List<SealedSegment> Sealed) CarryOut(
        LogJudgement judgement, Action<string> note)
    {
        var store = judgement.IsNew ? StartNewLog(judgement.Store) : judgement.Store;
        var areDeletedGone = CleanUp(store, judgement.Leftovers, note);
        if (judgement.HasDeletionNote && areDeletedGone && DeletionNote.Clear(store) is { } failure) note(failure.Message);
        List<SealedSegment> segments = [.. judgement.Sealed];
        if (judgement.MakesActive) NewSegment.Create(store, judgement.ActiveBase);
        foreach (var baseOffset in judgement.Unfinished)
        {
            var index = segments.FindIndex(segment => segment.BaseOffset == baseOffset);
            segments[index] = SegmentRecovery.FinishSeal(store, segments[index]);
        }
        return (store, segments);
    }

    private static SegmentStore StartNewLog(SegmentStore store)
    {
        store = store with { LogId = Guid.NewGuid() };
        store.SaveManifest(new Manifest(store.LogId, 0, false, [], []));
        return store;
    }

    // What can't be removed takes space, and nothing else: the next opening tries again.
    private static bool CleanUp(SegmentStore store, IReadOnlyList<Leftover> leftovers, Action<string> note)
    {
        List<(string Name, string Why)> kept = [];
        var areDeletedGone = true;
        foreach (var leftover in leftovers)
        {
            var path = store.PathOf(leftover.Name);
            if (leftover.Fate == LeftoverFate.SetAside) kept.Add((leftover.Name, leftover.Why));
            else if (leftover.Fate == LeftoverFate.Mention) note($"left alone, {leftover.Why}: {path}");
            else if (store.Files.TryDelete(path) is { } failure)
            {
                note(failure.Message);
                // The note is of these alone: kept for another one's sake it would go on to name segments that
                // are there.
                areDeletedGone &= leftover.Row != LeftoverJudge.DeletedRow;
            }
        }
        new SetAside(store, note).Move(kept);
        return areDeletedGone;
    }
}
