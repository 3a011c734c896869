using AkkaWal.TestKit.Simulation.Tree;

namespace AkkaWal.TestKit.Simulation;

/// <summary>Chooses at random which changes survive a power cut, and builds the nodes of the disk afterwards.</summary>
/// <remarks>
/// Surviving changes are applied in their order. Another order gives no other states: pieces that do not overlap
/// commute, and if the older of two overlapping pieces were on top, the younger one would be lost.
/// </remarks>
internal sealed class PowerCutter
{
    private const int SectorBytes = 512;

    private readonly Random _random;
    private readonly CutMode _mode;
    private readonly double _keepShare;
    private readonly long _moment;
    private readonly HashSet<NameChange> _unsyncedNames = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<NameChange> _keptNames = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<Node, Node> _restored = new(ReferenceEqualityComparer.Instance);
    private readonly List<FileNode> _files;

    public PowerCutter(Random random, CutMode mode, List<DirectoryNode> directories)
    {
        _random = random;
        _mode = mode;
        _keepShare = random.Next(4) switch { 0 => 0.1, 1 => 0.9, _ => random.NextDouble() };
        _files = directories.SelectMany(directory => directory.Live.Values.Concat(directory.Durable.Values))
            .OfType<FileNode>().Distinct().ToList();
        _moment = MomentOf(directories);
        foreach (var directory in directories)
            ChooseNames(directory);
    }

    public DirectoryNode Restore(DirectoryNode directory)
    {
        var names = new Dictionary<string, Node>(directory.Durable);
        foreach (var change in directory.Unsynced)
        {
            if (_keptNames.Contains(change) && (change.Requires is not { } needed || IsKept(needed)))
                change.Apply(names);
        }

        foreach (var (name, node) in names.ToList())
            names[name] = Restore(node);
        return directory.Fork(names, new Dictionary<string, Node>(names), []);
    }

    private Node Restore(Node node)
    {
        if (!_restored.TryGetValue(node, out var restored))
        {
            restored = node switch
            {
                FileNode file => FileNode.Restored(Bytes(file), file.IsReadOnlyDurable || (file.IsReadOnly && Coin())),
                DirectoryNode directory => Restore(directory),
                _ => node,
            };
            _restored[node] = restored;
        }

        return restored;
    }

    /// <summary>The last change that survives if a prefix across all files and names survives.</summary>
    private long MomentOf(List<DirectoryNode> directories)
    {
        if (_mode.Bytes != KeptBytes.Prefix && _mode.Names != KeptNames.Prefix)
            return 0;
        var open = directories.SelectMany(directory => directory.Unsynced.Select(change => change.Sequence))
            .Concat(_files.SelectMany(file => file.Unsynced.Select(change => change.Sequence))).ToList();
        return open.Count == 0 ? 0 : open[_random.Next(open.Count)];
    }

    private bool IsKept(NameChange change) => !_unsyncedNames.Contains(change) || _keptNames.Contains(change);

    private void ChooseNames(DirectoryNode directory)
    {
        // If the bytes are not a prefix, each directory has its own journal.
        var count = _random.Next(directory.Unsynced.Count + 1);
        for (var i = 0; i < directory.Unsynced.Count; i++)
        {
            var change = directory.Unsynced[i];
            _unsyncedNames.Add(change);
            var isKept = _mode.Names switch
            {
                KeptNames.None => false,
                KeptNames.All => true,
                KeptNames.Prefix => _mode.Bytes == KeptBytes.Prefix ? change.Sequence <= _moment : i < count,
                _ => Coin(),
            };
            if (isKept)
                _keptNames.Add(change);
        }
    }

    private PagedImage Bytes(FileNode file)
    {
        if (file.Unsynced.Count == 0 || _mode.Bytes == KeptBytes.None)
            return file.Durable;
        if (_mode.Bytes == KeptBytes.All && !file.HasLies)
            return file.Live;
        var image = file.Durable.Freeze().Thaw();
        foreach (var change in file.Unsynced)
            Keep(image, change);
        if (_mode.Bytes is not KeptBytes.All and not KeptBytes.Prefix)
            ChooseLength(image, file);
        if (_mode.StaleBlocks)
            ShowStaleBlocks(image, file);
        return image;
    }

    private void Keep(PagedImage image, FileChange change)
    {
        if (change is not WriteChange write)
        {
            if (KeepsWhole(change))
                change.Apply(image);
            return;
        }

        switch (_mode.Bytes)
        {
            case KeptBytes.Prefix when change.Sequence == _moment:
                write.Apply(image, 0, _random.Next(write.LengthBytes + 1));
                break;
            case KeptBytes.TornPages:
                KeepPieces(image, write, at => PagedImage.PageBytes - (at % PagedImage.PageBytes));
                break;
            case KeptBytes.TornSectors:
                KeepPieces(image, write, at => SectorBytes - (at % SectorBytes));
                break;
            case KeptBytes.TornBytes:
                KeepPieces(image, write, _ => 1 + _random.Next(Math.Max(1, write.LengthBytes / 2)));
                break;
            default:
                if (KeepsWhole(change))
                    write.Apply(image);
                break;
        }
    }

    private bool KeepsWhole(FileChange change) => _mode.Bytes switch
    {
        KeptBytes.All => true,
        KeptBytes.Prefix => change.Sequence <= _moment,
        _ => Coin(),
    };

    private void KeepPieces(PagedImage image, WriteChange write, Func<long, long> pieceBytes)
    {
        for (var done = 0; done < write.LengthBytes;)
        {
            var size = (int)Math.Min(write.LengthBytes - done, pieceBytes(write.Position + done));
            if (Coin())
                write.Apply(image, done, size);
            done += size;
        }
    }

    /// <summary>
    /// A file's length is metadata. It may lag behind the bytes, which are then lost, or be ahead of them and show
    /// zeros.
    /// </summary>
    private void ChooseLength(PagedImage image, FileNode file)
    {
        var (durable, now) = (file.Durable.LengthBytes, file.Live.LengthBytes);
        if (image.LengthBytes > durable && _random.Next(4) == 0)
            image.SetLength(durable + _random.NextInt64(image.LengthBytes - durable));
        else if (image.LengthBytes < now && image.LengthBytes >= durable && _random.Next(2) == 0)
            image.SetLength(Coin() ? now : image.LengthBytes + _random.NextInt64(now - image.LengthBytes));
    }

    /// <summary>Fills the unwritten bytes behind the durable end with old data of other files.</summary>
    private void ShowStaleBlocks(PagedImage image, FileNode file)
    {
        var other = _files[_random.Next(_files.Count)].Live;
        Span<byte> stale = stackalloc byte[SectorBytes];
        Span<byte> mine = stackalloc byte[SectorBytes];
        var from = (file.Durable.LengthBytes + SectorBytes - 1) / SectorBytes * SectorBytes;
        var end = Math.Min(image.LengthBytes, from + (16 * PagedImage.PageBytes));
        for (var at = from; at < end; at += SectorBytes)
        {
            var size = image.Read(at, mine);
            if (mine[..size].ContainsAnyExcept((byte)0) || other.Read(at, stale) < size)
                continue;
            image.Write(at, stale[..size]);
        }
    }

    private bool Coin() => _random.NextDouble() < _keepShare;
}
