using System.Diagnostics;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Index;

namespace AkkaWal.Storage.Tail;

/// <summary>
/// The index of the active segment. It may lag behind: entries that find no room are written at the seal. Any other
/// failure is latched. For the owner's thread; <see cref="SyncWatermark"/> is for any thread.
/// </summary>
internal sealed class TailIndex(SegmentIndexFile file, PositionTable positions, FailureLatch latch, Watermark watermark)
    : IDisposable
{
    private readonly ExclusiveUse _syncing = new();

    // The end positions of the watermarks that were last written and last synced. _synced is at most _saved.
    private long _saved = watermark.EndPosition, _synced = watermark.EndPosition;

    /// <summary>Whether the file holds a watermark that was written and not synced.</summary>
    internal bool IsWatermarkUnsynced => _saved > Volatile.Read(ref _synced);

    /// <summary>
    /// Writes the watermark without a sync: the file may hold an old one, never one ahead of the truth.
    /// </summary>
    internal void SaveWatermark(Watermark durable)
    {
        Debug.Assert(durable.EndPosition >= _saved, "the watermark never goes back");
        if (durable.EndPosition == _saved) return;
        try
        {
            file.WriteSlot(IndexState.Active, durable);
        }
        catch (WalIOException e)
        {
            LatchUnlessPassing(e);
        }
        // After the write: SyncWatermark reads _saved before its sync, and so never counts an unwritten watermark.
        Volatile.Write(ref _saved, durable.EndPosition);
    }

    /// <summary>
    /// Syncs the watermark, so that a power cut leaves it no older than now. From any thread, one at a time.
    /// </summary>
    /// <exception cref="WalIOException">The sync failed.</exception>
    internal void SyncWatermark()
    {
        using var only = _syncing.Begin();
        var position = Volatile.Read(ref _saved);
        latch.RunSync(file.Sync);
        Volatile.Write(ref _synced, position);
    }

    /// <summary>Writes the entries once a block of them is new.</summary>
    /// <exception cref="WalOutcomeUnknownException">
    /// A failure is latched: the operating system has the records, but no sync will follow.
    /// </exception>
    internal void SaveFullBlocks()
    {
        if (positions.Count - file.SavedEntries < SegmentIndexFile.BlockEntries) return;
        try
        {
            file.SaveEntries(positions, positions.Count);
        }
        catch (WalIOException e)
        {
            LatchUnlessPassing(e);
        }
        if (latch.Cause is { } cause) throw latch.Latch(cause);
    }

    /// <summary>Writes all entries and a slot, and syncs them.</summary>
    /// <exception cref="WalIOException">A step failed.</exception>
    internal void Complete(IndexState state, Watermark durable)
    {
        file.SaveEntries(positions, positions.Count);
        file.WriteSlot(state, durable, 0, state == IndexState.Active ? 0 : positions.Checksum());
        file.Sync();
    }

    /// <summary>Writes the sealed mark to a complete index, and syncs it.</summary>
    /// <exception cref="WalIOException">A step failed.</exception>
    internal void WriteSealedMark(Watermark durable, long sealedAtUnixMs)
    {
        file.WriteSlot(IndexState.Sealed, durable, sealedAtUnixMs, positions.Checksum());
        file.Sync();
    }

    public void Dispose() => file.Dispose();

    // Where there is no room, the index of an active segment may lag behind.
    private void LatchUnlessPassing(WalIOException failure)
    {
        if (!failure.IsPassing) latch.Latch(failure);
    }
}
