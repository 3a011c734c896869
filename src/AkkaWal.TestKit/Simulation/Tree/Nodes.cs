namespace AkkaWal.TestKit.Simulation.Tree;

/// <summary>A file, a directory or another entry of a directory.</summary>
internal abstract class Node;

/// <summary>A symbolic link, device, socket or pipe.</summary>
internal sealed class OtherNode : Node;

/// <summary>A file: its bytes on the disk, its bytes in the page cache, and the changes between the two.</summary>
/// <remarks>
/// Normally <c>Live == Durable + Unsynced</c>. After a failed sync it is not: the cache shows bytes, until it evicts
/// them, that are not on the disk and will not be written.
/// </remarks>
internal sealed class FileNode : Node
{
    public PagedImage Durable { get; private set; } = PagedImage.Empty;

    public PagedImage Live { get; private set; } = PagedImage.Empty;

    public List<FileChange> Unsynced { get; private set; } = [];

    public bool HasLies { get; private set; }

    public bool IsReadOnly { get; private set; }

    public bool IsReadOnlyDurable { get; private set; }

    /// <summary>A file after a power cut: cache and disk are the same.</summary>
    public static FileNode Restored(PagedImage image, bool isReadOnly) => new()
    {
        Durable = image.Freeze(), Live = image, IsReadOnly = isReadOnly, IsReadOnlyDurable = isReadOnly,
    };

    /// <summary>A copy for another disk. Neither sees the other's later changes.</summary>
    public FileNode Fork() => new()
    {
        Durable = Durable.Freeze(), Live = Live.Freeze(), Unsynced = [.. Unsynced], HasLies = HasLies,
        IsReadOnly = IsReadOnly, IsReadOnlyDurable = IsReadOnlyDurable,
    };

    public void Change(FileChange change)
    {
        if (change is ReadOnlyChange)
            IsReadOnly = true;
        else
            change.Apply(Live = Live.Thaw());
        Unsynced.Add(change);
    }

    public void Sync()
    {
        if (!HasLies)
            Durable = Live.Freeze();
        else
            Persist(Unsynced);
        IsReadOnlyDurable = IsReadOnly;
        Unsynced.Clear();
    }

    /// <summary>
    /// A failed sync: the first changes reach the disk. The rest never will, although the cache shows them.
    /// </summary>
    public void LoseUnsynced(int persistedCount)
    {
        Persist(Unsynced.Take(persistedCount));
        HasLies = true;
        Unsynced.Clear();
    }

    /// <summary>The cache drops its clean pages; with a random source only some of them.</summary>
    public void Evict(Random? random)
    {
        if (!HasLies)
            return;
        var read = Durable.Freeze().Thaw();
        foreach (var change in Unsynced)
            change.Apply(read);
        if (random is null)
        {
            (Live, HasLies) = (read, false);
            return;
        }

        Live = Live.Thaw();
        Span<byte> page = stackalloc byte[PagedImage.PageBytes];
        for (var i = 0; i < Live.PageCount; i++)
        {
            if (Live.SamePage(read, i) || random.Next(2) == 0)
                continue;
            var position = (long)i * PagedImage.PageBytes;
            page.Clear();
            read.Read(position, page);
            Live.Write(position, page[..(int)Math.Min(page.Length, Live.LengthBytes - position)]);
        }
    }

    /// <summary>
    /// Changes the bytes on the disk and in the cache, also for open handles, as a worn disk or a person does.
    /// </summary>
    public void Tamper(Action<PagedImage> change)
    {
        change(Durable = Durable.Freeze().Thaw());
        change(Live = Live.Freeze().Thaw());
    }

    private void Persist(IEnumerable<FileChange> changes)
    {
        Durable = Durable.Freeze().Thaw();
        foreach (var change in changes)
        {
            change.Apply(Durable);
            IsReadOnlyDurable |= change is ReadOnlyChange;
        }
    }
}
