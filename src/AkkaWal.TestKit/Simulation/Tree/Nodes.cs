namespace AkkaWal.TestKit.Simulation.Tree;

/// <summary>What a name in a directory stands for.</summary>
internal abstract class Node;

/// <summary>A symbolic link, device, socket or pipe.</summary>
internal sealed class OtherNode : Node;

/// <summary>
/// A file: what is on the disk, what the page cache shows, and the changes between the two.
/// </summary>
/// <remarks>
/// Without lies <c>Live == Durable + Unsynced</c>. A failed sync leaves a lie: the cache goes on showing bytes that are
/// neither on the disk nor going to be written, until it evicts them.
/// </remarks>
internal sealed class FileNode : Node
{
    public PagedImage Durable { get; private set; } = PagedImage.Empty;

    public PagedImage Live { get; private set; } = PagedImage.Empty;

    public List<FileChange> Unsynced { get; private set; } = [];

    public bool HasLies { get; private set; }

    public bool IsReadOnly { get; private set; }

    public bool IsReadOnlyDurable { get; private set; }

    /// <summary>As it stands after a cut: the disk is all there is.</summary>
    public static FileNode Restored(PagedImage image, bool isReadOnly) => new()
    {
        Durable = image.Freeze(), Live = image, IsReadOnly = isReadOnly, IsReadOnlyDurable = isReadOnly,
    };

    /// <summary>The same for another disk; neither sees the other's later changes.</summary>
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
    /// A failed sync: the first changes reach the disk, and the rest never will, though the cache shows them.
    /// </summary>
    public void LoseUnsynced(int persistedCount)
    {
        Persist(Unsynced.Take(persistedCount));
        HasLies = true;
        Unsynced.Clear();
    }

    /// <summary>The cache drops what it holds clean; with a source of chance, just some of the pages.</summary>
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
    /// What a worn disk or a stray hand does: the bytes change below everybody, on the disk and in the cache.
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
