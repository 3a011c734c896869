using AkkaWal.Storage.Format;
using AkkaWal.Storage.Index;

namespace AkkaWal.Storage.Tail;

/// <summary>
/// The index of the segment that is being written. While the segment is active it may lag behind: where there is no room
/// for it, its part is written at the seal. Any other failure is latched. The owner's thread alone calls it, but for
/// <see cref="SyncWatermark"/>.
/// </summary>
internal sealed class TailIndex(SegmentIndexFile file, PositionTable positions, FailureLatch latch, Watermark watermark)
    : IDisposable
{
    // Where the last watermarks that were written and synced end. Synced is never ahead of saved.
    private long _saved = watermark.EndPosition, _synced = watermark.EndPosition;

    /// <summary>Whether the file has a watermark that it was not synced with.</summary>
    internal bool IsWatermarkUnsynced => _saved > Volatile.Read(ref _synced);

    /// <summary>Writes the watermark, without a sync: what the file says may be old, never ahead.</summary>
    internal void SaveWatermark(Watermark durable)
    {
        if (durable.EndPosition == _saved) return;
        Try(() => file.WriteSlot(IndexState.Active, durable));
        // In this order: whoever syncs the watermark takes its position first.
        Volatile.Write(ref _saved, durable.EndPosition);
    }

    /// <summary>Syncs the watermark, so that a power cut leaves it no older than this. From any thread.</summary>
    /// <exception cref="WalIOException">The sync failed.</exception>
    internal void SyncWatermark()
    {
        var position = Volatile.Read(ref _saved);
        latch.RunSync(file.Sync);
        Volatile.Write(ref _synced, position);
    }

    /// <summary>Writes the entries, once a block of them is new.</summary>
    /// <exception cref="WalOutcomeUnknownException">
    /// A failure is latched: the records are with the operating system, and nothing will sync them.
    /// </exception>
    internal void SaveFullBlocks()
    {
        if (positions.Count - file.SavedEntries < SegmentIndexFile.BlockEntries) return;
        Try(() => file.SaveEntries(positions, positions.Count));
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

    private void Try(Action write)
    {
        try
        {
            write();
        }
        catch (WalIOException e) when (e.IsPassing)
        {
            // No room: the index of an active segment may lag behind.
        }
        catch (WalIOException e)
        {
            latch.Latch(e);
        }
    }
}
