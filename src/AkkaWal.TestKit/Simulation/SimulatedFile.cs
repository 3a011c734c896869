using AkkaWal.Storage.Files;
using AkkaWal.TestKit.Simulation.Tree;

namespace AkkaWal.TestKit.Simulation;

/// <summary>An open file. It works after its name was removed, until the process ends.</summary>
internal sealed class SimulatedFile : IWalFile
{
    private readonly DiskState _disk;
    private readonly FileNode _node;
    private readonly bool _isWritable;
    private bool _isDisposed, _isLocked;

    public SimulatedFile(DiskState disk, string path, FileNode node, bool isWritable)
    {
        (_disk, Path, _node, _isWritable) = (disk, path, node, isWritable);
        disk.OpenHandleCount++;
    }

    public string Path { get; }

    public long LengthBytes
    {
        get
        {
            lock (_disk.Gate)
                return Usable().Live.LengthBytes;
        }
    }

    public bool IsNamed()
    {
        if (_disk.Broken.HasFlag(BrokenDisk.NeverTellsThatALockIsLost))
            return true;
        lock (_disk.Gate)
        {
            return _disk.Tree.From(null, () => _disk.Tree.FindDirectory(DiskTree.ParentOf(Path)))
                ?.Live.GetValueOrDefault(System.IO.Path.GetFileName(Path)) == _node;
        }
    }

    public bool? TryLock()
    {
        lock (_disk.Gate)
            return _isLocked = _disk.Locks.TryAdd(Usable(), this);
    }

    public int Read(long position, Span<byte> buffer)
    {
        if (!_disk.Gate.IsHeldByCurrentThread)
            _disk.Script.PassRead(Path, buffer.Length);
        lock (_disk.Gate)
        {
            if (_disk.ReadFaults?.Invoke(Path, position) == true)
                throw DiskTree.Failure("read", Path, "Input/output error");
            return Usable().Live.Read(position, buffer);
        }
    }

    public void Write(long position, ReadOnlySpan<byte> bytes)
    {
        _disk.Await(DiskOperationKind.Write, Path);
        lock (_disk.Gate)
            _disk.Log.Write(Path, Writable("write"), position, bytes);
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
        _disk.Await(DiskOperationKind.SetLength, Path);
        lock (_disk.Gate)
            _disk.Log.SetLength(Path, Writable("truncate"), lengthBytes);
    }

    public void Sync()
    {
        _disk.Await(DiskOperationKind.Sync, Path);
        lock (_disk.Gate)
            _disk.Log.Sync(Path, Usable());
    }

    public void Dispose()
    {
        lock (_disk.Gate)
        {
            if (!_isDisposed)
            {
                _disk.OpenHandleCount--;
                if (_isLocked)
                    _disk.Locks.Release(this);
            }

            _isDisposed = true;
        }
    }

    private FileNode Usable()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return _node;
    }

    private FileNode Writable(string operation) =>
        _isWritable ? Usable() : throw DiskTree.Failure(operation, Path, "Bad file descriptor");
}
