using System.Text;
using AkkaWal.Crash.Tests.Workloads;
using AkkaWal.Storage;
using AkkaWal.Storage.Files;
using AkkaWal.TestKit;
using AkkaWal.TestKit.Simulation;

namespace AkkaWal.Crash.Tests.Ownership;

/// <summary>
/// A log, copies of its directory, and copies of those share one archive. They append, archive, compress and delete in
/// any order, are copied while they are open or in the middle of an operation, are moved, and lose power. Each must go
/// on reading all its records, whatever the others do, except segments that another log archived and then deleted.
/// </summary>
internal sealed class SharedArchiveRun
{
    private const string Root = "/data", Archive = "/archive";
    private const int MaxLogs = 5;

    /// <summary>A segment size for about a dozen records.</summary>
    private const long DozenRecords = 600;

    private readonly Random _random;
    private readonly string _name;
    private readonly Func<IWalFileSystem, ISegmentArchive> _archive;
    private readonly List<Model> _logs = [new Model("/data/log-0")];
    private SimulatedDisk _disk = new();
    private int _recordCount, _moves;

    public SharedArchiveRun(
        int seed, BrokenDisk broken = BrokenDisk.None, Func<ISegmentArchive, ISegmentArchive>? archive = null)
    {
        (_random, _name) = (new Random(seed), $"seed {seed}");
        _archive = files => (archive ?? (same => same))(new DirectoryArchive(files, Archive));
        _disk.Broken = broken;
        _disk.CreateDirectory(Root);
    }

    /// <summary>The number of archived segments, and of those that copies archived.</summary>
    public (int All, int ByCopies) Archived { get; private set; }

    public void Run(int steps)
    {
        Use(_logs[0], log => Append(_logs[0], log));
        for (var step = 0; step < steps; step++)
            Step(_logs[_random.Next(_logs.Count)]);
        foreach (var log in _logs)
            Use(log, _ => { });
    }

    private void Step(Model model)
    {
        switch (_random.Next(20))
        {
            case < 6:
                Use(model, log => Append(model, log));
                break;
            case < 12:
                Use(model, log => Change(model, log));
                break;
            case < 15:
                Copy(model, model.Fork);
                break;
            case < 16:
                _disk.MoveDirectory(model.Path, model.Path = $"{Root}/moved-{++_moves}");
                break;
            case < 17:
                // The open log is copied, and goes on.
                Use(model, log =>
                {
                    Copy(model, model.Fork);
                    Change(model, log);
                });
                break;
            default:
                CutIn(model);
                break;
        }
    }

    private void Copy(Model model, Func<string, Model> fork)
    {
        if (_logs.Count == MaxLogs)
            return;
        var copy = fork($"{Root}/log-{_logs.Count}");
        _disk.CopyDirectory(model.Path, copy.Path);
        _logs.Add(copy);
    }

    private void Append(Model model, SegmentedLog log)
    {
        for (var i = _random.Next(1, 30); i > 0; i--)
        {
            var payload = Encoding.UTF8.GetBytes($"{model.Path} {new string('x', _random.Next(40))} {++_recordCount}");
            log.Append(payload);
            model.Records.Add(payload);
        }

        log.Commit();
        if (_random.Next(2) == 0)
            log.SealActive();
    }

    private void Change(Model model, SegmentedLog log)
    {
        var segments = log.Segments.Where(segment => segment.IsSealed).ToList();
        if (segments.Count == 0)
            return;
        var segment = segments[_random.Next(segments.Count)];
        try
        {
            switch (_random.Next(4))
            {
                case 0:
                    log.DeleteSegment(segment.File);
                    model.Deleted(segment);
                    break;
                case 1:
                    log.CompressSegment(segment.File);
                    break;
                default:
                    log.ArchiveSegment(segment.File);
                    model.Archived(segment);
                    Archived = (Archived.All + 1, Archived.ByCopies + (model.IsCopy ? 1 : 0));
                    break;
            }
        }
        catch (InvalidOperationException)
        {
            // The segment is archived or compressed already, or does not shrink.
        }
    }

    // The power is cut during an operation, for all logs.
    private void CutIn(Model model)
    {
        var at = _random.Next(1, 60);
        SimulatedDisk? left = null;
        Use(model, log =>
        {
            var before = model.Fork(model.Path);
            _disk.AfterOperation = _ =>
            {
                if (--at == 0)
                    left = _random.Next(2) == 0 ? _disk.Kill() : _disk.PowerCut(_random);
            };
            Change(model, log);
            _disk.AfterOperation = null;
            if (left is not null)
                model.IsEither(before);
        });
        if (left is null)
            return;
        left.Broken = _disk.Broken;
        _disk = left;
    }

    private void Use(Model model, Action<SegmentedLog> use)
    {
        using var log = SegmentedLog.Open(model.Path, new WalOptions
        {
            MaxSegmentBytes = DozenRecords,
            MaxCommitBytes = WalOptions.SmallestCommitBytes,
            MaxBlockCacheBytes = 0,
            Clock = FrozenClock.Instance,
            Archive = _archive(_disk),
        }, _disk);
        model.Check(log, $"{_name}: {model.Path}");
        use(log);
        _disk.AfterOperation = null;
    }

    /// <summary>The records that a log must have.</summary>
    private sealed class Model(string path)
    {
        // The log that archived each segment. Shared by all logs that read it from there, and marked when that log
        // deletes it.
        private readonly Dictionary<long, Holder> _archived = [];
        private readonly HashSet<long> _deleted = [];
        private Model? _or;

        public string Path { get; set; } = path;

        public bool IsCopy { get; private init; }

        public List<byte[]> Records { get; private init; } = [];

        public Model Fork(string copyPath)
        {
            var copy = new Model(copyPath) { IsCopy = true, Records = [.. Records], _or = _or };
            copy._deleted.UnionWith(_deleted);
            foreach (var (baseOffset, holder) in _archived)
                copy._archived[baseOffset] = holder;
            return copy;
        }

        public void Archived(SegmentInfo segment) => _archived[segment.StartOffset] = new Holder(this);

        public void Deleted(SegmentInfo segment)
        {
            if (_archived.GetValueOrDefault(segment.StartOffset) is { } holder && holder.By == this)
                holder.MayBeGone = true;
            for (var offset = segment.StartOffset; offset <= segment.EndOffset; offset++)
                _deleted.Add(offset);
        }

        /// <summary>The power was cut during the last operation. The next opening shows whether it happened.</summary>
        public void IsEither(Model before) => _or = before;

        public void Check(SegmentedLog log, string what)
        {
            if (_or is { } before)
                FindOutcome(log, before);
            var (count, expected) = (log.CommittedNextOffset, Records.Count);
            BrokenPromiseException.Unless(count == expected, $"{what}: {count} records of {expected}");
            foreach (var segment in log.Segments)
                for (var offset = segment.StartOffset; offset <= segment.EndOffset; offset++)
                    Check(log, segment, offset, what);
            var held = log.Segments.Sum(segment => segment.EndOffset - segment.StartOffset + 1);
            var isRight = held + _deleted.Count == expected;
            BrokenPromiseException.Unless(isRight, $"{what}: {held} and {_deleted.Count} deleted of {expected}");
        }

        private void Check(SegmentedLog log, SegmentInfo segment, long offset, string what)
        {
            try
            {
                var isRight = log.Read(offset).AsSpan().SequenceEqual(Records[(int)offset]);
                BrokenPromiseException.Unless(isRight, $"{what}: offset {offset} is another log's");
            }
            catch (WalAbsentException)
            {
                var isGone = _archived.GetValueOrDefault(segment.StartOffset)?.MayBeGone == true;
                BrokenPromiseException.Unless(isGone, $"{what}: offset {offset} is gone, and nobody deleted it");
            }
        }

        private void FindOutcome(SegmentedLog log, Model before)
        {
            _or = null;
            foreach (var segment in log.Segments)
            {
                // The deletion did not happen.
                for (var offset = segment.StartOffset; offset <= segment.EndOffset; offset++)
                    if (!before._deleted.Contains(offset))
                        _deleted.Remove(offset);
                var isArchived = segment.IsArchived;
                if (isArchived && !_archived.ContainsKey(segment.StartOffset))
                    Archived(segment);
                else if (!isArchived && !before._archived.ContainsKey(segment.StartOffset))
                    _archived.Remove(segment.StartOffset);
            }
        }

        private sealed class Holder(Model by)
        {
            public Model By => by;

            public bool MayBeGone { get; set; }
        }
    }
}
