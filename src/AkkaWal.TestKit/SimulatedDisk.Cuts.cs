namespace AkkaWal.TestKit;

/// <content>The ends of a process and of the power, and what else happens to a disk that nobody asked.</content>
public sealed partial class SimulatedDisk
{
    /// <summary>The disk after the process died: everything written is there, synced or not; handles and locks are gone.</summary>
    public SimulatedDisk Kill()
    {
        lock (_gate)
            return new SimulatedDisk(new DiskFork().Of(_root)) { _sequence = _sequence };
    }

    /// <summary>A disk as it could look after a power cut now, of any mode.</summary>
    public SimulatedDisk PowerCut(Random random) => PowerCut(random, CutMode.Any(random));

    /// <summary>A disk as it could look after a power cut now.</summary>
    public SimulatedDisk PowerCut(Random random, CutMode mode)
    {
        lock (_gate)
        {
            var nodes = Directories(_root).ToList();
            return new SimulatedDisk(new PowerCutter(random, mode, nodes).Restore(_root)) { _sequence = _sequence };
        }
    }

    /// <summary>
    /// The cache drops its clean pages: what a failed sync left unwritten is gone, and the old bytes are back. With a
    /// source of chance, just some of the pages go.
    /// </summary>
    public void Evict(Random? random = null)
    {
        lock (_gate)
        {
            foreach (var file in LiveFiles(_root).ToList())
                file.Evict(random);
        }
    }

    /// <summary>All the bytes of a file as the cache shows them.</summary>
    public byte[] ReadAll(string path)
    {
        lock (_gate)
        {
            var image = FileAt(path).Live;
            var bytes = new byte[image.LengthBytes];
            image.Read(0, bytes);
            return bytes;
        }
    }

    /// <summary>Replaces a file's bytes below everybody, on the disk and in the cache; makes the file where there is none.</summary>
    public void Overwrite(string path, ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            var copy = bytes.ToArray();
            var directory = DirectoryOf(path, "tamper");
            var name = Path.GetFileName(path);
            if (directory.Live.GetValueOrDefault(name) is not FileNode file)
                directory.Live[name] = directory.Durable[name] = file = new FileNode();
            file.Tamper(image =>
            {
                image.SetLength(0);
                image.Write(0, copy);
            });
        }
    }

    /// <summary>Flips bits of one byte of a file, on the disk and in the cache.</summary>
    public void Flip(string path, long position, byte bits)
    {
        lock (_gate)
        {
            FileAt(path).Tamper(image =>
            {
                Span<byte> one = stackalloc byte[1];
                image.Read(position, one);
                one[0] ^= bits;
                image.Write(position, one);
            });
        }
    }

    /// <summary>A name goes for good, as after a hasty hand.</summary>
    public void Lose(string path)
    {
        lock (_gate)
        {
            var directory = DirectoryOf(path, "tamper");
            directory.Live.Remove(Path.GetFileName(path));
            directory.Durable.Remove(Path.GetFileName(path));
        }
    }

    /// <summary>A symbolic link or the like comes to stand at a path.</summary>
    internal void PlaceOther(string path)
    {
        lock (_gate)
        {
            var directory = DirectoryOf(path, "tamper");
            directory.Live[Path.GetFileName(path)] = directory.Durable[Path.GetFileName(path)] = new OtherNode();
        }
    }

    /// <summary>A copy of the same nodes for another disk: each node once, whatever names lead to it.</summary>
    private sealed class DiskFork
    {
        private readonly Dictionary<Node, Node> _copies = new(ReferenceEqualityComparer.Instance);
        private readonly Dictionary<NameChange, NameChange> _changes = new(ReferenceEqualityComparer.Instance);

        public DirectoryNode Of(DirectoryNode root) => (DirectoryNode)Copy(root);

        private Node Copy(Node node)
        {
            if (_copies.TryGetValue(node, out var copy))
                return copy;
            copy = node switch
            {
                FileNode file => file.Fork(),
                DirectoryNode directory => directory.Fork(
                    Copy(directory.Durable), Copy(directory.Live), directory.Unsynced.ConvertAll(Copy)),
                _ => node,
            };
            return _copies[node] = copy;
        }

        private Dictionary<string, Node> Copy(Dictionary<string, Node> names)
        {
            var copy = new Dictionary<string, Node>(names.Count);
            foreach (var (name, node) in names)
                copy[name] = Copy(node);
            return copy;
        }

        private NameChange Copy(NameChange change)
        {
            if (!_changes.TryGetValue(change, out var copy))
            {
                copy = change with { Node = Copy(change.Node), Requires = change.Requires is null ? null : Copy(change.Requires) };
                _changes[change] = copy;
            }

            return copy;
        }
    }
}
