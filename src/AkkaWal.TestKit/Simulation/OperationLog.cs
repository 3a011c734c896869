using AkkaWal.Storage;
using AkkaWal.Storage.Files;
using AkkaWal.TestKit.Simulation.Tree;

namespace AkkaWal.TestKit.Simulation;

/// <summary>
/// Carries out the operations that change a disk. Each is counted, may fail, and is reported. Used under the disk's
/// lock.
/// </summary>
internal sealed class OperationLog(DiskTree tree, DiskScript script, long sequence)
{
    private readonly List<DiskOperation> _all = [];

    public IReadOnlyList<DiskOperation> All => _all;

    public Func<DiskOperation, DiskFault?>? Faults { get; set; }

    public Action<DiskOperation>? AfterOperation { get; set; }

    public long? CapacityBytes { get; set; }

    /// <summary>Whether the power was cut, so that each later operation fails.</summary>
    public bool IsCutOff { get; set; }

    /// <summary>The number of changes, including those on the disks that this one was copied from.</summary>
    public long Sequence { get; private set; } = sequence;

    /// <summary>The number of a new change among all changes of the disk.</summary>
    public long NextSequence() => ++Sequence;

    /// <summary>
    /// Carries out one operation, or the part of it that its fault allows. <paramref name="applyPart"/> carries out a
    /// part, for operations that can be partial.
    /// </summary>
    public void Carry(DiskOperationKind kind, string path, Action apply, Action<double>? applyPart = null) =>
        Carry(Next(kind, path), apply, applyPart);

    public void Write(string path, FileNode file, long position, ReadOnlySpan<byte> bytes)
    {
        var operation = Next(DiskOperationKind.Write, path, position, bytes.Length);
        var fault = Begin(operation);
        var fitting = fault is null
            ? Fitting(file, position, bytes.Length)
            : (int)(bytes.Length * Math.Min(fault.Applied, 1));
        if (fault is null && fitting < bytes.Length)
            fault = DiskFault.NoSpace;
        if (fitting > 0)
            file.Change(WriteChange.Of(NextSequence(), position, bytes[..fitting]));
        End(operation, fault);
    }

    public void SetLength(string path, FileNode file, long lengthBytes) => Carry(
        Next(DiskOperationKind.SetLength, path, lengthBytes),
        () => file.Change(new LengthChange(NextSequence(), lengthBytes)),
        applyPart: null);

    public void Sync(string path, FileNode file) => Carry(
        DiskOperationKind.Sync, path, file.Sync, applied => file.LoseUnsynced((int)(file.Unsynced.Count * applied)));

    /// <summary>What opening a file in a mode does to the disk; null where nothing.</summary>
    public static DiskOperationKind? CreationBy(FileAccessMode mode) => mode switch
    {
        FileAccessMode.CreateNew => DiskOperationKind.Create,
        FileAccessMode.CreateOrTruncate => DiskOperationKind.Truncate,
        _ => null,
    };

    private DiskOperation Next(DiskOperationKind kind, string path, long position = 0, int lengthBytes = 0) =>
        new(_all.Count + 1, kind, path, position, lengthBytes);

    private void Carry(DiskOperation operation, Action apply, Action<double>? applyPart)
    {
        var fault = Begin(operation);
        if (fault is null)
            apply();
        else if (applyPart is not null)
            applyPart(fault.Applied);
        else if (fault.Applied >= 1)
            apply();
        End(operation, fault);
    }

    // Callbacks see paths from the disk's root, also for an operation through an open directory.
    private DiskFault? Begin(DiskOperation operation)
    {
        _all.Add(operation);
        return IsCutOff
            ? DiskFault.Error
            : tree.From(null, () => Faults?.Invoke(operation)) ?? script.FaultOf(operation);
    }

    private void End(DiskOperation operation, DiskFault? fault)
    {
        tree.From(null, () =>
        {
            AfterOperation?.Invoke(operation);
            return true;
        });
        if (fault is not null)
            throw new WalIOException(operation.Word, operation.Path, fault.Cause, fault.Reason);
        script.Tell(operation);
    }

    /// <summary>The number of bytes that fit into the capacity, in whole pages.</summary>
    private int Fitting(FileNode file, long position, int count)
    {
        if (CapacityBytes is not { } capacity)
            return count;
        var free = (capacity - tree.UsedBytes) / PagedImage.PageBytes;
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
}
