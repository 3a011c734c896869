using AkkaWal.Crash.Tests.Workloads;
using AkkaWal.Storage;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Repair;

namespace AkkaWal.Crash.Tests.Opening;

/// <summary>
/// Every row of FORMAT.md's tables that refuses a log, on a log of three segments of six records each: two sealed ones,
/// and the active one from offset 12 on. The MANIFEST of a stopped log has the sealed ones; that of a killed log has
/// none.
/// </summary>
/// <param name="Name">The case's name in test reports.</param>
/// <param name="Row">The row.</param>
/// <param name="Kind">The kind of fault.</param>
/// <param name="Damage">Damages the log.</param>
internal sealed record DamageCase(string Name, string Row, LogFaultKind Kind, Action<LogRig> Damage)
{
    public const string First = "00000000", Second = "00000006", Active = "00000012";

    private const int HeaderBytes = SegmentHeader.SizeBytes;

    /// <summary>Whether the log was stopped cleanly; otherwise it was killed.</summary>
    public bool IsStopped { get; private init; }

    /// <summary>The offsets that no repair restores, inclusive; null if nothing is lost.</summary>
    public (long From, long To)? Lost { get; private init; }

    /// <summary>Whether the repair can report the last lost offset.</summary>
    public bool IsEndKnown { get; private init; } = true;

    /// <summary>The repair; null if an operator has to act.</summary>
    public Func<LogRig, RepairReport>? Repair { get; private init; }

    public static IReadOnlyList<DamageCase> All { get; } = [.. Cases()];

    private static readonly SampleLog Stopped = SampleLog.Build(isStoppedCleanly: true),
        Killed = SampleLog.Build(isStoppedCleanly: false);

    public static DamageCase Of(string name) => All.Single(one => one.Name == name);

    public LogRig NewRig(string disk)
    {
        var rig = LogRig.Of(disk, IsStopped ? Stopped : Killed);
        Damage(rig);
        return rig;
    }

    public override string ToString() => Name;

    private static IEnumerable<DamageCase> Cases() =>
        [.. OfAnyLog(isStopped: true), .. OfAnyLog(isStopped: false), .. OfActiveSegment(), .. OfSealedSegments()];

    private static IEnumerable<DamageCase> OfAnyLog(bool isStopped)
    {
        var log = isStopped ? "stopped" : "killed";
        yield return new($"no MANIFEST, {log}", "M2", LogFaultKind.Absent,
            rig => rig.Lose("MANIFEST"))
        {
            IsStopped = isStopped, Repair = RebuildManifest,
        };
        yield return new($"bad MANIFEST, {log}", "M3", LogFaultKind.Damaged,
            rig => rig.Flip("MANIFEST", 33))
        {
            IsStopped = isStopped, Repair = RebuildManifest,
        };
        yield return new($"empty MANIFEST, {log}", "M3", LogFaultKind.Damaged,
            rig => rig.Write("MANIFEST", []))
        {
            IsStopped = isStopped, Repair = RebuildManifest,
        };
        yield return Headless($"active header flipped, {log}", LogFaultKind.Damaged, isStopped, rig =>
            rig.Flip(Active + ".log", 40));
        yield return Headless($"active log emptied, {log}", LogFaultKind.Damaged, isStopped, rig =>
            rig.Write(Active + ".log", []));
        yield return Headless($"active log of another log, {log}", LogFaultKind.Foreign, isStopped, rig =>
            rig.Write(Active + ".log", OfAnotherLog(Active)));
        yield return Headless($"active log of another segment, {log}", LogFaultKind.Foreign, isStopped, rig =>
            rig.Write(Active + ".log", rig.Read(First + ".log")));
        yield return new($"file inside a segment, {log}", "S2", LogFaultKind.Foreign, rig =>
            rig.Write("00000003.log", rig.Read(First + ".log")))
        {
            IsStopped = isStopped, Repair = rig =>
                LogRepair.SetSegmentAside(rig.Directory, 3, SampleLog.Options, rig.Files),
        };
        foreach (var name in new[] { "MANIFEST", First + ".log", Active + ".log", Active + ".index" })
            yield return new($"link at {name}, {log}", "S11", LogFaultKind.Foreign,
                rig => rig.PlaceLink(name))
            {
                IsStopped = isStopped,
            };
    }

    private static IEnumerable<DamageCase> OfActiveSegment()
    {
        yield return new("no active log", "M4", LogFaultKind.Absent,
            rig => rig.Lose(Active + ".log"))
        {
            IsStopped = true, Lost = (12, 17), Repair = ReplaceActive,
        };
        yield return new("no active segment", "M4", LogFaultKind.Absent,
            rig => LoseSegment(rig, Active))
        {
            IsStopped = true, Lost = (12, 17), IsEndKnown = false, Repair = ReplaceActive,
        };
        yield return new("no active log behind a mark", "R7", LogFaultKind.Absent,
            rig => rig.Lose(Active + ".log"))
        {
            Lost = (12, 17), Repair = ReplaceActive,
        };
        yield return new("no active segment behind a mark", "R7", LogFaultKind.Absent,
            rig => LoseSegment(rig, Active))
        {
            Lost = (12, 17), IsEndKnown = false, Repair = ReplaceActive,
        };
        yield return new("bad frame below the watermark", "R5", LogFaultKind.Damaged,
            rig => rig.Flip(Active + ".log", FrameAt(13) + 4))
        {
            Lost = (13, 17), Repair = CutTail,
        };
        yield return new("active log cut to its header", "R5", LogFaultKind.Damaged,
            rig => rig.Write(Active + ".log", rig.Read(Active + ".log").AsSpan(0, HeaderBytes)))
        {
            Lost = (12, 17), Repair = CutTail,
        };
        yield return new("zeros below the watermark", "R5", LogFaultKind.Damaged, ZeroFrom14)
        {
            Lost = (14, 17), Repair = CutTail,
        };
        yield return new("valid frame beyond the window", "R6", LogFaultKind.Damaged, AddFrameBeyondWindow)
        {
            Lost = (18, 18), IsEndKnown = false, Repair = CutTail,
        };
    }

    private static IEnumerable<DamageCase> OfSealedSegments()
    {
        yield return new("no sealed log", "S1", LogFaultKind.Absent,
            rig => rig.Lose(Second + ".log"))
        {
            IsStopped = true, Lost = (6, 11), Repair = SetAside(6),
        };
        yield return new("no first segment", "S2", LogFaultKind.Absent,
            rig => LoseSegment(rig, First))
        {
            Lost = (0, 5), Repair = SetAside(0),
        };
        yield return new("no segment in the middle", "S2", LogFaultKind.Absent,
            rig => LoseSegment(rig, Second))
        {
            Lost = (6, 11), Repair = SetAside(6),
        };
        yield return new("bad frame without a mark", "S4", LogFaultKind.Damaged, rig =>
        {
            rig.Lose(First + ".index");
            rig.Flip(First + ".log", FrameAt(2) + 9);
        })
        {
            Lost = (2, 2), Repair = SealAsItIs(0),
        };
        yield return new("short without a mark", "S4", LogFaultKind.Damaged, rig =>
        {
            rig.Lose(Second + ".index");
            rig.Write(Second + ".log", rig.Read(Second + ".log").AsSpan(0, FrameAt(5)));
        })
        {
            Lost = (11, 11), Repair = SealAsItIs(6),
        };
        yield return new("bad header behind the MANIFEST", "S10", LogFaultKind.Damaged,
            rig => rig.Flip(First + ".log", 40))
        {
            Lost = (0, 5), Repair = SetAside(0),
        };
        yield return new("another log's segment behind the MANIFEST", "S10", LogFaultKind.Foreign,
            rig => rig.Write(Second + ".log", OfAnotherLog(Second)))
        {
            Lost = (6, 11), Repair = SetAside(6),
        };
    }

    private static DamageCase Headless(string name, LogFaultKind kind, bool isStopped, Action<LogRig> damage) =>
        new(name, "R8", kind, damage) { IsStopped = isStopped, Lost = (12, 17), Repair = ReplaceActive };

    private static RepairReport RebuildManifest(LogRig rig) =>
        LogRepair.RebuildManifest(rig.Directory, SampleLog.Options, rig.Files);

    private static RepairReport ReplaceActive(LogRig rig) =>
        LogRepair.ReplaceActive(rig.Directory, SampleLog.Options, rig.Files);

    private static RepairReport CutTail(LogRig rig) => LogRepair.CutTail(rig.Directory, SampleLog.Options, rig.Files);

    private static Func<LogRig, RepairReport> SetAside(long baseOffset) => rig =>
        LogRepair.SetSegmentAside(rig.Directory, baseOffset, SampleLog.Options, rig.Files);

    private static Func<LogRig, RepairReport> SealAsItIs(long baseOffset) => rig =>
        LogRepair.SealAsItIs(rig.Directory, baseOffset, SampleLog.Options, rig.Files);

    private static void LoseSegment(LogRig rig, string stem)
    {
        rig.Lose(stem + ".log");
        rig.Lose(stem + ".index");
    }

    private static void ZeroFrom14(LogRig rig)
    {
        var bytes = rig.Read(Active + ".log");
        bytes.AsSpan(FrameAt(14)).Clear();
        rig.Write(Active + ".log", bytes);
    }

    // Offset 19 is whole, and farther behind the end than one commit reaches. So offset 18 existed.
    private static void AddFrameBeyondWindow(LogRig rig)
    {
        var log = rig.Read(Active + ".log");
        var end = FrameAt(12) + 6 * Frame.HeaderBytes + 35;
        var header = SegmentHeader.Decode(log, "log");
        var frame = new byte[Frame.SizeOf(1)];
        Frame.Encode(frame, [7], Frame.SaltState(header.Salt), 19, continues: false);
        rig.Write(
            Active + ".log", [.. log.AsSpan(0, end), .. new byte[SampleLog.Options.MaxCommitBytes + 1], .. frame]);
    }

    private static byte[] OfAnotherLog(string stem) =>
        SampleLog.Build(isStoppedCleanly: true).Disk.ReadAll(SampleLog.At(stem + ".log"));

    // Each segment has records of the same sizes.
    private static int FrameAt(int offset)
    {
        var position = HeaderBytes;
        foreach (var size in new[] { 5, 0, 17, 3, 9, 1 }.Take(offset % 6)) position += Frame.HeaderBytes + size;
        return position;
    }
}
