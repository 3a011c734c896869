using AkkaWal.Crash.Tests.Workloads;
using AkkaWal.Storage;
using AkkaWal.TestKit;

namespace AkkaWal.Crash.Tests.Maintenance;

/// <summary>
/// One operation on sealed segments, over a log with five of them, interrupted at each of its disk operations in turn.
/// Afterwards the log is as before the operation or as after it, every record included, and the directories hold what
/// the log names and nothing else.
/// </summary>
internal sealed class MaintenanceRun(
    Action<SegmentedLog> operation, Action<SegmentedLog>? prepare = null, WalOptions? options = null)
{
    public const string Directory = "/data/log", Archive = "/data/archive";

    private const int RecordCount = 53;

    /// <summary>A segment size for eleven records, or twelve where they have shorter numbers.</summary>
    private const long ElevenRecords = 6000;

    private readonly WalOptions _options = (options ?? new WalOptions()) with
    {
        MaxSegmentBytes = ElevenRecords,
        MaxBlockCacheBytes = 0,
        Clock = FrozenClock.Instance,
    };

    public void Operation(SegmentedLog log) => operation(log);

    /// <summary>A new disk with the log before the operation.</summary>
    public SimulatedDisk NewDisk()
    {
        var disk = new SimulatedDisk();
        using var log = Open(disk);
        for (var i = 0; i < RecordCount; i++) log.Append(PayloadOf(i));
        log.Commit();
        prepare?.Invoke(log);
        return disk;
    }

    public SegmentedLog Open(SimulatedDisk disk) =>
        SegmentedLog.Open(Directory, _options with { Archive = new DirectoryArchive(disk, Archive) }, disk);

    /// <summary>
    /// Cuts the power after each disk operation, in several ways, and compares the result with the log before and
    /// after.
    /// </summary>
    /// <returns>The number of cuts, and of those that left the operation done.</returns>
    public (int Cuts, int Done) CutEverywhere(int seedsPerOperation)
    {
        var (before, after) = (StateOf(NewDisk()), StateAfter());
        var (cuts, done) = (0, 0);
        var disk = NewDisk();
        using var log = Open(disk);
        disk.CutEverywhere(seedsPerOperation, () => operation(log), (left, what) =>
        {
            cuts++;
            if (Check(left, before, after, what)) done++;
        });
        return (cuts, done);
    }

    /// <summary>Fails each disk operation in turn, in several ways.</summary>
    /// <returns>The numbers of failures that were reported as definite and as unknown.</returns>
    public (int Definite, int Unknown) FailEverywhere(DiskFault fault)
    {
        var (before, after) = (StateOf(NewDisk()), StateAfter());
        var (definite, unknown) = (0, 0);
        for (var at = 1; ; at++)
        {
            var disk = NewDisk();
            using var log = Open(disk);
            var count = 0;
            disk.Faults = _ => ++count == at ? fault : null;
            var what = $"{fault} at operation {at}";
            var outcome = Interruptions.OutcomeOf(() => operation(log));
            disk.Faults = null;
            if (outcome is WalOutcomeUnknownException) unknown++;
            else if (outcome is not null) definite++;
            if (count < at) return (definite, unknown);
            if (outcome is not (null or WalOutcomeUnknownException))
            {
                BrokenPromiseException.Unless(
                    Describe(log) == before, $"{what}: refused, and the log is not as it was");
                RequireNothingLeftOver(disk, log, what);
                operation(log);
                BrokenPromiseException.Unless(Describe(log) == after, $"{what}: the second try did something else");
            }
            else
            {
                Check(disk.Kill(), before, after, what);
                Check(disk.PowerCut(new Random(at)), before, after, what);
            }
        }
    }

    /// <summary>Runs with one more page of space each time, until the operation succeeds.</summary>
    /// <returns>The number of times that it failed.</returns>
    public int FillUpEverywhere()
    {
        var (before, after) = (StateOf(NewDisk()), StateAfter());
        for (var pages = 0; ; pages++)
        {
            var disk = NewDisk();
            using var log = Open(disk);
            disk.LeaveRoomFor(pages);
            var what = $"with room for {pages} pages";
            var outcome = Interruptions.OutcomeOf(() => operation(log));
            if (outcome is null)
            {
                BrokenPromiseException.Unless(Describe(log) == after, $"{what}: it did something else");
                return pages;
            }
            BrokenPromiseException.Unless(
                outcome is WalIOException { IsOutOfSpace: true }, $"no room was told as {outcome.Message}");
            BrokenPromiseException.Unless(Describe(log) == before, $"{what}: refused, and the log is not as it was");
            RequireNothingLeftOver(disk, log, what);
            Check(disk.Kill(), before, before, what);
        }
    }

    private string StateAfter()
    {
        var disk = NewDisk();
        using (var log = Open(disk)) operation(log);
        return StateOf(disk);
    }

    private string StateOf(SimulatedDisk disk)
    {
        using var log = Open(disk.Kill());
        return Describe(log);
    }

    /// <summary>Whether the operation happened.</summary>
    private bool Check(SimulatedDisk disk, string before, string after, string what)
    {
        string state;
        using (var log = Open(disk))
        {
            state = Describe(log);
            BrokenPromiseException.Unless(
                state == before || state == after,
                $"{what}: neither as before nor as after, but\n{state}\nbefore\n{before}\nafter\n{after}");
            RequireNothingLeftOver(disk, log, what);
            // The records that were read must survive the next power cut, even if it keeps nothing unsynced.
            using var again = Open(disk.PowerCut(new Random(1), new CutMode(KeptBytes.None, KeptNames.None)));
            BrokenPromiseException.Unless(Describe(again) == state, $"{what}: it was {state} and is not any more");
        }
        return state == after;
    }

    /// <summary>The segments, after all records were checked.</summary>
    private static string Describe(SegmentedLog log)
    {
        foreach (var segment in log.Segments)
        {
            for (var offset = segment.StartOffset; offset <= segment.EndOffset; offset++)
                BrokenPromiseException.Unless(
                    log.Read(offset).AsSpan().SequenceEqual(PayloadOf(offset)),
                    $"offset {offset} is not what was appended");
        }
        // Stored sizes differ between logs, since salts are random.
        return $"{log.StartOffset}..{log.NextOffset}: "
            + string.Join("; ", log.Segments.Select(segment => segment with { StoredBytes = null }));
    }

    private static void RequireNothingLeftOver(SimulatedDisk disk, SegmentedLog log, string what)
    {
        var expected = new List<string> { "LOCK", "MANIFEST" };
        var archived = new List<string>();
        foreach (var segment in log.Segments)
        {
            var stem = segment.File[..^".log".Length];
            var isArchived = segment.IsArchived;
            var names = isArchived ? archived : expected;
            var name = stem + (segment.IsCompressed ? ".logz" : ".log");
            names.AddRange([name, stem + ".index"]);
            if (isArchived && name.EndsWith(".log", StringComparison.Ordinal)) names.Add(stem + ".proof");
            if (segment.StoredBytes is not { } storedBytes) continue;
            var path = isArchived
                ? Archived(disk).Single(archived => Path.GetFileName(archived) == name)
                : $"{Directory}/{name}";
            BrokenPromiseException.Unless(
                disk.Stat(path)?.LengthBytes == storedBytes, $"{what}: {name} has not {storedBytes} bytes");
        }
        var here = disk.List(Directory).Select(entry => entry.Name).Where(name => name != "IDENTITY");
        RequireNames(expected, here, what);
        RequireNames(archived, Archived(disk).Select(Path.GetFileName).Where(name => name != "OWNER"), what);
    }

    // A cut in the middle of a claim leaves a place without an owner. The log then takes another one.
    private static IEnumerable<string> Archived(SimulatedDisk disk) => disk.Stat(Archive) is null
        ? []
        : from place in disk.List(Archive)
          from file in disk.List($"{Archive}/{place.Name}")
          select $"{Archive}/{place.Name}/{file.Name}";

    private static void RequireNames(IEnumerable<string> expected, IEnumerable<string?> found, string what)
    {
        var wanted = string.Join(" ", expected.Order(StringComparer.Ordinal));
        var there = string.Join(" ", found.Order(StringComparer.Ordinal));
        BrokenPromiseException.Unless(wanted == there, $"{what}: expected {wanted}, found {there}");
    }

    // Text that compresses well.
    private static byte[] PayloadOf(long offset) =>
        System.Text.Encoding.UTF8.GetBytes(
            $"{{\"id\": {offset}, \"text\": \"{string.Concat(Enumerable.Repeat($"word{offset} ", 70))}\"}}");
}
