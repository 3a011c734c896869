using AkkaWal.Storage;
using AkkaWal.Storage.Files;

namespace AkkaWal.TestKit;

/// <content>How an operation is counted, failed and told; and how a path leads to a node.</content>
public sealed partial class SimulatedDisk
{
    /// <summary>
    /// Carries out one operation, or as much of it as its fault lets through; <paramref name="applyPart"/> is what a
    /// fault leaves of it, where that is more than "all or nothing".
    /// </summary>
    private void Carry(DiskOperationKind kind, string path, Action apply, Action<double>? applyPart = null) =>
        Carry(new DiskOperation(_operations.Count + 1, kind, path), apply, applyPart);

    private void Carry(DiskOperation operation, Action apply, Action<double>? applyPart)
    {
        _operations.Add(operation);
        var fault = FaultOf(operation);
        if (fault is null)
            apply();
        else if (applyPart is not null)
            applyPart(fault.Applied);
        else if (fault.Applied >= 1)
            apply();
        TellAfter(operation);
        if (fault is not null)
            throw new WalIOException(operation.Word, operation.Path, fault.Cause, fault.Reason);
    }

    private void Write(string path, FileNode file, long position, ReadOnlySpan<byte> bytes)
    {
        var operation = new DiskOperation(_operations.Count + 1, DiskOperationKind.Write, path, position, bytes.Length);
        _operations.Add(operation);
        var fault = FaultOf(operation);
        var fitting = fault is null ? Fitting(file, position, bytes.Length) : (int)(bytes.Length * Math.Min(fault.Applied, 1));
        if (fault is null && fitting < bytes.Length)
            fault = DiskFault.NoSpace;
        if (fitting > 0)
            file.Change(WriteChange.Of(++_sequence, position, bytes[..fitting]));
        TellAfter(operation);
        if (fault is not null)
            throw new WalIOException("write", path, fault.Cause, fault.Reason);
    }

    private void SetLength(string path, FileNode file, long lengthBytes) => Carry(
        new DiskOperation(_operations.Count + 1, DiskOperationKind.SetLength, path, lengthBytes),
        () => file.Change(new LengthChange(++_sequence, lengthBytes)), null);

    private void Sync(string path, FileNode file) => Carry(
        DiskOperationKind.Sync, path, file.Sync, applied => file.LoseUnsynced((int)(file.Unsynced.Count * applied)));

    /// <summary>How many of the bytes fit below the capacity: whole pages are given out.</summary>
    private int Fitting(FileNode file, long position, int count)
    {
        if (CapacityBytes is not { } capacity)
            return count;
        var free = (capacity - LiveFiles(_root).Sum(other => other.Live.AllocatedBytes)) / PagedImage.PageBytes;
        var fitting = 0;
        while (fitting < count)
        {
            var at = position + fitting;
            if (!file.Live.HasPage(at) && --free < 0)
                break;
            fitting = (int)Math.Min(count, fitting + PagedImage.PageBytes - (at % PagedImage.PageBytes));
        }

        return fitting;
    }

    private FileNode FileAt(string path) =>
        DirectoryOf(path, "open").Live.GetValueOrDefault(Path.GetFileName(path)) as FileNode
        ?? throw Failure("open", path, "No such file or directory");

    private DirectoryNode DirectoryOf(string path, string operation) =>
        FindDirectory(ParentOf(path)) ?? throw Failure(operation, path, "No such file or directory");

    private DirectoryNode Existing(string path, string operation) =>
        FindDirectory(path) ?? throw Failure(operation, path, "No such file or directory");

    private DirectoryNode? FindDirectory(ReadOnlySpan<char> path)
    {
        var at = OriginOf(path, out var below);
        foreach (var range in below.Split('/'))
        {
            if (below[range].IsEmpty)
                continue;
            if (!at.Live.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(below[range], out var node)
                || node is not DirectoryNode directory)
            {
                return null;
            }

            at = directory;
        }

        return at;
    }

    private static string ParentOf(string path) => path[..path.LastIndexOf('/')];

    private static WalDirectoryEntry Entry(string name, Node node) => node switch
    {
        FileNode file => new WalDirectoryEntry(name, WalEntryKind.File, file.Live.LengthBytes),
        DirectoryNode => new WalDirectoryEntry(name, WalEntryKind.Directory, 0),
        _ => new WalDirectoryEntry(name, WalEntryKind.Other, 0),
    };

    private static IEnumerable<DirectoryNode> Directories(DirectoryNode from) =>
        from.Live.Values.Concat(from.Durable.Values).OfType<DirectoryNode>().Distinct().SelectMany(Directories).Prepend(from);

    private static IEnumerable<FileNode> LiveFiles(DirectoryNode from) =>
        Directories(from).SelectMany(directory => directory.Live.Values).OfType<FileNode>().Distinct();

    private static WalIOException Failure(string operation, string path, string reason) =>
        new(operation, path, outOfSpace: false, reason);

    /// <summary>A handle: it goes on working when its name is gone, and ends with the process.</summary>
    private sealed class SimulatedFile(SimulatedDisk disk, string path, FileNode node, bool isWritable) : IWalFile
    {
        private bool _isDisposed;

        public string Path => path;

        public long LengthBytes
        {
            get
            {
                lock (disk._gate)
                    return Usable().Live.LengthBytes;
            }
        }

        public bool IsNamed() => disk.Outside(() =>
            disk.Broken.HasFlag(BrokenDisk.NeverTellsThatALockIsLost)
                || disk.FindDirectory(ParentOf(path))?.Live.GetValueOrDefault(System.IO.Path.GetFileName(path)) == node);

        public int Read(long position, Span<byte> buffer)
        {
            lock (disk._gate)
            {
                if (disk.ReadFaults?.Invoke(path, position) == true)
                    throw Failure("read", path, "Input/output error");
                return Usable().Live.Read(position, buffer);
            }
        }

        public void Write(long position, ReadOnlySpan<byte> bytes)
        {
            lock (disk._gate)
                disk.Write(path, Writable("write"), position, bytes);
        }

        public void Write(long position, IReadOnlyList<ReadOnlyMemory<byte>> buffers)
        {
            var gathered = new byte[buffers.Sum(buffer => buffer.Length)];
            var at = 0;
            foreach (var buffer in buffers)
            {
                buffer.Span.CopyTo(gathered.AsSpan(at));
                at += buffer.Length;
            }

            Write(position, gathered);
        }

        public void SetLength(long lengthBytes)
        {
            lock (disk._gate)
                disk.SetLength(path, Writable("truncate"), lengthBytes);
        }

        public void Sync()
        {
            lock (disk._gate)
                disk.Sync(path, Usable());
        }

        public void Dispose()
        {
            lock (disk._gate)
            {
                if (!_isDisposed)
                    disk.OpenHandleCount--;
                _isDisposed = true;
            }
        }

        private FileNode Usable()
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return node;
        }

        private FileNode Writable(string operation) =>
            isWritable ? Usable() : throw Failure(operation, path, "Bad file descriptor");
    }
}
