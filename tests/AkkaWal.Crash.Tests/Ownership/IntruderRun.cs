using System.Text;
using AkkaWal.Crash.Tests.Workloads;
using AkkaWal.Storage;
using AkkaWal.TestKit;
using AkkaWal.TestKit.Simulation;

namespace AkkaWal.Crash.Tests.Ownership;

/// <summary>
/// Two processes that want to write the log at one path, and an intruder who moves its directory away, copies it back,
/// and removes or replaces its lock file, between or during their operations. Acknowledged records must stay in the
/// directory where they were acknowledged. A directory has one writer. A process that lost its directory acknowledges
/// nothing more and changes nothing.
/// </summary>
internal sealed class IntruderRun
{
    private const string Root = "/data", Place = Root + "/log", Lock = Place + "/LOCK";

    /// <summary>A segment size for six or seven records.</summary>
    private const long FewRecords = 120;

    private readonly Random _random;
    private readonly SimulatedDisk _disk = new();
    private readonly Dictionary<ulong, DirectoryRecords> _directories = [];
    private readonly LogProcess[] _processes;
    private readonly string _name;
    private int _moves, _recordCount;

    public IntruderRun(int seed, BrokenDisk broken = BrokenDisk.None)
    {
        (_random, _name) = (new Random(seed), $"seed {seed}");
        _disk.Broken = broken;
        _disk.CreateDirectory(Root);
        _processes = [new LogProcess(), new LogProcess()];
    }

    /// <summary>The number of times that a process lost the directory of its open log.</summary>
    public int Losses { get; private set; }

    /// <summary>The number of refused appends of processes that had lost their directory.</summary>
    public int Refusals { get; private set; }

    public void Run(int steps)
    {
        for (var step = 0; step < steps; step++)
        {
            var process = _processes[_random.Next(_processes.Length)];
            if (_random.Next(4) == 0)
                Intrude();
            else if (process.Log is null)
                Open(process);
            else
                Do(process);
        }

        foreach (var process in _processes)
            Kill(process);
        CheckAll(_disk.Kill());
        CheckAll(_disk.PowerCut(_random));
    }

    private static WalOptions Options => new()
    {
        MaxSegmentBytes = FewRecords,
        MaxCommitBytes = WalOptions.SmallestCommitBytes,
        Clock = FrozenClock.Instance,
    };

    private void Open(LogProcess process)
    {
        var holder = InodeAt(Place) is { } inode ? _processes.FirstOrDefault(other => other.Inode == inode) : null;
        process.Files = new MortalFiles(_disk);
        try
        {
            process.Log = SegmentedLog.Open(Place, Options, process.Files);
        }
        catch (WalLockedException)
        {
            Require(holder is not null, "a directory that nobody holds is locked");
            return;
        }

        Require(holder is null, "a second writer was let into a directory");
        process.Inode = InodeAt(Place)!.Value;
        if (!_directories.TryGetValue(process.Inode.Value, out var directory))
            _directories[process.Inode.Value] = directory = new DirectoryRecords();
        process.Directory = directory;
        directory.Check(process.Log, $"{_name}: opened {Place}");
    }

    private void Do(LogProcess process)
    {
        var before = IsLost(process) ? Snapshot() : null;
        // The intruder may act during the operation.
        var after = _random.Next(6) == 0 && before is null ? _random.Next(1, 12) : 0;
        _disk.AfterOperation = _ =>
        {
            if (--after == 0) Intrude();
        };
        try
        {
            switch (_random.Next(10))
            {
                case < 5:
                    Append(process);
                    break;
                case < 6:
                    Seal(process);
                    break;
                case < 7:
                    Compress(process);
                    break;
                case < 8:
                    process.Directory!.CheckAcknowledged(process.Log!, $"{_name}: read by who opened it");
                    break;
                case < 9:
                    Stop(process);
                    break;
                default:
                    Kill(process);
                    break;
            }
        }
        finally
        {
            _disk.AfterOperation = null;
        }

        if (before is not null)
            Require(before == Snapshot(), "who lost his directory changed something");
    }

    private void Append(LogProcess process)
    {
        var wasLost = IsLost(process);
        var payload = Encoding.UTF8.GetBytes($"record {++_recordCount}");
        // A copy of the directory that is made meanwhile may have the record.
        var earlier = process.Directory!.Unknown(payload);
        try
        {
            process.Log!.Append(payload);
            process.Log.Commit();
            Require(!wasLost, "who lost his directory acknowledged an append");
            process.Directory.Acknowledged(payload);
        }
        catch (WalReadOnlyException)
        {
            process.Directory.Unknown(earlier);
            Noticed(process, "an append was refused and nothing was lost");
            Refusals += wasLost ? 1 : 0;
        }
        catch (WalOutcomeUnknownException)
        {
            Require(!wasLost, "an outcome is unknown of what was not to be begun");
            Noticed(process, "an outcome is unknown and nothing was lost meanwhile");
        }
    }

    private void Seal(LogProcess process)
    {
        var wasLost = IsLost(process);
        try
        {
            process.Log!.SealActive();
            Require(!wasLost, "who lost his directory rolled");
        }
        catch (InvalidOperationException)
        {
            // The segment is empty.
        }
        catch (WalException)
        {
            Noticed(process, "a roll was refused and nothing was lost");
        }
    }

    private void Compress(LogProcess process)
    {
        var wasLost = IsLost(process);
        var segment = process.Log!.Segments[0];
        try
        {
            process.Log.CompressSegment(segment.File);
            Require(!wasLost, "who lost his directory compressed a segment");
        }
        catch (InvalidOperationException)
        {
            // It is the active segment, or it does not shrink.
        }
        catch (WalException)
        {
            Noticed(process, "a compression was refused and nothing was lost");
        }
    }

    private void Stop(LogProcess process)
    {
        try
        {
            process.Log!.Close();
        }
        catch (WalException)
        {
            Noticed(process, "a stop failed and nothing was lost");
        }

        process.Forget();
    }

    private static void Kill(LogProcess process)
    {
        if (process.Log is not null) process.Files!.Die();
        process.Forget();
    }

    private void Intrude()
    {
        if (InodeAt(Place) is not { } inode)
        {
            PutBack();
            return;
        }

        switch (_random.Next(4))
        {
            case 0:
                _disk.MoveDirectory(Place, $"{Root}/moved-{++_moves}");
                Lose(inode);
                if (_random.Next(3) == 0)
                    PutBack();
                break;
            case 1 or 2 when _disk.Stat(Lock) is not null:
                _disk.Lose(Lock);
                if (_random.Next(2) == 0)
                    _disk.Overwrite(Lock, "somebody else"u8);
                Lose(inode);
                foreach (var process in _processes.Where(process => process.Inode == inode))
                    process.HasLostLock = true;
                break;
            default:
                _disk.MoveDirectory(Place, $"{Root}/moved-{++_moves}");
                Lose(inode);
                _disk.CopyDirectory($"{Root}/moved-{_moves}", Place);
                if (_directories.TryGetValue(inode, out var directory))
                    _directories[InodeAt(Place)!.Value] = directory.Copy();
                break;
        }
    }

    private void PutBack()
    {
        var moved = _disk.List(Root).Where(entry => Path.Combine(Root, entry.Name) != Place).ToList();
        if (moved.Count > 0)
            _disk.MoveDirectory($"{Root}/{moved[_random.Next(moved.Count)].Name}", Place);
    }

    private void Lose(ulong inode)
    {
        foreach (var process in _processes.Where(process => process.Inode == inode))
        {
            Losses += process.WasTouched ? 0 : 1;
            process.WasTouched = true;
        }
    }

    // A directory that is moved back before its owner checks is not lost. A loss that the owner has noticed is final.
    private bool IsLost(LogProcess process) =>
        process.HasNoticed || process.HasLostLock || InodeAt(Place) != process.Inode;

    private void Noticed(LogProcess process, string otherwise)
    {
        Require(process.WasTouched, otherwise);
        process.HasNoticed = true;
    }

    private void CheckAll(SimulatedDisk disk)
    {
        foreach (var entry in disk.List(Root))
        {
            using var opened = disk.OpenDirectory($"{Root}/{entry.Name}");
            if (!_directories.TryGetValue(opened.Identity.Inode, out var directory))
                continue;
            using var log = SegmentedLog.Open(opened.Path, Options, disk);
            directory.Copy().Check(log, $"{_name}: {opened.Path} in the end");
        }
    }

    private ulong? InodeAt(string path)
    {
        if (_disk.Stat(path) is null)
            return null;
        using var directory = _disk.OpenDirectory(path);
        return directory.Identity.Inode;
    }

    // The names and bytes of every file in every directory.
    private string Snapshot() => string.Concat(
        from directory in _disk.List(Root).Select(entry => $"{Root}/{entry.Name}").Order(StringComparer.Ordinal)
        from file in _disk.List(directory).OrderBy(entry => entry.Name, StringComparer.Ordinal)
        select $"{directory}/{file.Name} {Convert.ToHexString(_disk.ReadAll($"{directory}/{file.Name}"))}\n");

    private void Require(bool holds, string otherwise) => BrokenPromiseException.Unless(holds, $"{_name}: {otherwise}");
}
