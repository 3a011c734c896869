using AkkaWal.Crash.Tests.Workloads;
using AkkaWal.Storage;
using AkkaWal.Storage.Checks;
using AkkaWal.Storage.Files;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Index;
using AkkaWal.Storage.Recovery;
using AkkaWal.Storage.Segments;
using AkkaWal.TestKit;
using Xunit.Abstractions;

namespace AkkaWal.Crash.Tests.Opening;

/// <summary>
/// The tables of FORMAT.md over every combination of a MANIFEST, three segments and a tail. The check finds exactly
/// the rows whose conditions match, and its writes follow from them.
/// </summary>
[Trait("Suite", "RecoveryTable")]
public sealed class LogCheckTableSpec(ITestOutputHelper output)
{
    private const int SegmentRecords = 10;

    private static readonly long[] Bases = [0, 10, 20];
    private static readonly Guid LogId = new("00112233-4455-6677-8899-aabbccddeeff");

    private static readonly RecoveryCase[] Tails =
        [RecoveryCase.CleanStop, RecoveryCase.Intact, RecoveryCase.ReservedTail, RecoveryCase.TornTail,
            RecoveryCase.DamageBelowWatermark, RecoveryCase.DamageAboveWatermark];

    /// <summary>The rows that refuse a log. Each has its own condition, so their order does not matter.</summary>
    private static readonly Dictionary<string, Predicate<World>> Rows = new()
    {
        ["N1"] = world =>
            world.Manifest == ManifestImage.Newer || world.Unknown.Any(s => s.Image == SegmentImage.Newer),
        ["M2"] = world => world.Manifest == ManifestImage.None && world.There.Count > 0,
        ["M3"] = world => world.Manifest == ManifestImage.Bad,
        ["M4"] = world => world.SaysMade && world.Unknown.Count == 0,
        ["S1"] = world => world.KnowsFirst && world.At(0) == SegmentImage.Missing,
        ["S2"] = world => world.Unknown.Any(s => world.IsMissingBefore(s.Base)),
        ["S4"] = world =>
            world.NotLast.Any(s =>
            s.Image is SegmentImage.Short
            || (s.Image == SegmentImage.Whole && world.SuccessorOf(s.Base) != s.Base + SegmentRecords)),
        ["S10"] = world => world.NotLast.Any(s => s.Image is SegmentImage.BadHead or SegmentImage.OfAnotherLog),
        ["S11"] = world =>
            world.Unknown.Any(s => s.Image == SegmentImage.Link)
            || (world.KnowsFirst && world.At(0) == SegmentImage.Link),
        ["R5"] = world => world.LastIsOpen && world.Tail == RecoveryCase.DamageBelowWatermark,
        ["R6"] = world => world.LastIsOpen && world.Tail == RecoveryCase.DamageAboveWatermark,
        ["R7"] = world => world.Last?.Image == SegmentImage.Marked,
        ["R8"] = world => world.Last?.Image is SegmentImage.BadHead or SegmentImage.OfAnotherLog,
    };

    private static IEnumerable<World> Worlds =>
        from manifest in Enum.GetValues<ManifestImage>()
        from first in Enum.GetValues<SegmentImage>()
        from second in Enum.GetValues<SegmentImage>()
        from third in Enum.GetValues<SegmentImage>()
        from tail in Tails
        let world = new World(manifest, [first, second, third], tail)
        // A tail is read only if the last segment is open, and a MANIFEST that says that no segment was made exists
        // only before the first one.
        where world.LastIsOpen || tail == Tails[0]
        where manifest != ManifestImage.New || world.There.Count == 0
        select world;

    [Fact]
    public void Each_combination_should_match_its_rows_and_no_others()
    {
        var (count, opened, seen) = (0, 0, new HashSet<string>());
        foreach (var world in Worlds)
        {
            var check = LogCheck.Of(world.Facts);
            var found = check.Faults.Where(fault => fault.IsRefused).Select(fault => fault.Row).Distinct()
                .Order(StringComparer.Ordinal).ToList();
            // After a newer MANIFEST nothing else is reported.
            var wanted = world.Manifest == ManifestImage.Newer ? ["N1"] : Rows.Where(row => row.Value(world))
                .Select(row => row.Key).Order(StringComparer.Ordinal).ToList();
            Assert.True(
                wanted.SequenceEqual(found),
                $"{world}: expected rows {string.Join(" ", wanted)}, found {string.Join(" ", found)}");
            Assert.Equal(wanted.Count == 0, check.Refusal is null);
            Assert.True(
                !wanted.Contains("N1") || check.Refusal!.Kind == LogFaultKind.Newer,
                $"{world}: told as {check.Refusal}");
            Assert.All(check.Faults.Where(fault => fault.IsRefused), AssertSaysWhatToDo);
            if (check.Refusal is null) AssertOpens(world, check);
            seen.UnionWith(found);
            opened += wanted.Count == 0 ? 1 : 0;
            count++;
        }
        Assert.Equal(Rows.Keys.Order(StringComparer.Ordinal), seen.Order(StringComparer.Ordinal));
        output.WriteLine($"{count} combinations of {Rows.Count} rows, {opened} of them open");
    }

    private static void AssertSaysWhatToDo(LogFault fault)
    {
        Assert.StartsWith("/log/", fault.Path, StringComparison.Ordinal);
        Assert.NotEmpty(fault.Expected);
        Assert.NotEmpty(fault.Found);
        // No repair touches newer files and links.
        Assert.Equal(fault.Row is "N1" or "S11", fault.Repair is null);
        Assert.NotEmpty(fault.ToException().Advice);
        Assert.Equal(fault.Kind is LogFaultKind.Damaged, fault.ToException() is WalDamagedException);
    }

    private static void AssertOpens(World world, LogCheckResult check)
    {
        Assert.Equal(world.Manifest == ManifestImage.None, check.IsNew);
        Assert.Equal(world.There.Count == 0, check.MakesActive);
        // Each segment except the last is sealed, or its seal is completed (S3).
        var before = world.There.SkipLast(1).ToList();
        Assert.Equal(before.Select(s => s.Base), check.Sealed.Select(segment => segment.BaseOffset));
        Assert.Equal(
            before.Where(s => s.Image == SegmentImage.Whole && !world.IsKnown(s.Base)).Select(s => s.Base),
            check.Unfinished);
        Assert.Equal(world.Last?.Base ?? 0, check.ActiveBase);
        Assert.Equal(world.LastIsOpen, check.Tail is not null);
        Assert.Empty(check.Missing);
    }

    private enum ManifestImage
    {
        None,
        Bad,
        Newer,
        New,
        KnowsNone,
        KnowsFirst,
    }

    private enum SegmentImage
    {
        Missing,
        Marked,
        Whole,
        Short,
        BadHead,
        OfAnotherLog,
        Newer,
        Link,
    }

    private sealed record World(ManifestImage Manifest, SegmentImage[] Images, RecoveryCase Tail)
    {
        internal List<(long Base, SegmentImage Image)> There =>
            [.. Bases.Zip(Images).Where(s => s.Second != SegmentImage.Missing)];

        internal bool KnowsFirst => Manifest == ManifestImage.KnowsFirst;

        internal bool SaysMade =>
            Manifest is ManifestImage.KnowsNone or ManifestImage.KnowsFirst or ManifestImage.Bad
            || (Manifest == ManifestImage.None && There.Count > 0);

        internal List<(long Base, SegmentImage Image)> Unknown => [.. There.Where(s => !IsKnown(s.Base))];

        internal List<(long Base, SegmentImage Image)> NotLast => [.. Unknown.SkipLast(1)];

        internal (long Base, SegmentImage Image)? Last => Unknown.Count > 0 ? Unknown[^1] : null;

        internal bool LastIsOpen =>
            Last?.Image is SegmentImage.Whole or SegmentImage.Short && Manifest != ManifestImage.Newer;

        internal SegmentImage At(int index) => Images[index];

        internal bool IsKnown(long baseOffset) => KnowsFirst && baseOffset == 0;

        internal long SuccessorOf(long baseOffset) => Unknown.First(s => s.Base > baseOffset).Base;

        // A bad head or a bad end extends to the next segment. Without a MANIFEST the log starts at the first segment.
        internal bool IsMissingBefore(long baseOffset)
        {
            if (baseOffset == 0) return false;
            var before = There.LastOrDefault(s => s.Base < baseOffset, (-10, SegmentImage.Missing));
            if (before.Base == baseOffset - SegmentRecords) return false;
            if (before.Base >= 0) return before.Image == SegmentImage.Marked || IsKnown(before.Base);
            return !KnowsFirst ? Manifest == ManifestImage.KnowsNone : baseOffset > SegmentRecords;
        }

        internal LogFacts Facts
        {
            get
            {
                List<WalDirectoryEntry> entries = [.. There.Select(s => new WalDirectoryEntry(
                    SegmentName.Log(s.Base), s.Image == SegmentImage.Link ? WalEntryKind.Other : WalEntryKind.File,
                        0))];
                if (Manifest != ManifestImage.None)
                    entries.Add(new WalDirectoryEntry("MANIFEST", WalEntryKind.File, 0));
                var segmentFiles = new SegmentFiles(new SimulatedDisk(), "/log", LogId, SampleLog.Options);
                var facts = new LogFacts { SegmentFiles = segmentFiles, Names = DirectoryNames.Of(entries, []) };
                if (Manifest == ManifestImage.Newer)
                    return facts with { ManifestFault = new WalNewerVersionException(
                    "/log/MANIFEST", 8, "format version", 2, 1) };
                return facts with
                {
                    ManifestFault = Manifest == ManifestImage.Bad
                        ? new WalDamagedException("/log/MANIFEST", 8, "this", "that") : null,
                    Manifest = Manifest switch
                    {
                        ManifestImage.New => new Manifest(LogId, 0, false, [], []),
                        ManifestImage.KnowsNone => new Manifest(LogId, 0, true, [], []),
                        ManifestImage.KnowsFirst => new Manifest(LogId, 0, true, [], [SealedAt(0)]),
                        _ => null,
                    },
                    Segments = [.. Unknown.Select(s => FactsOf(s.Base, s.Image))],
                    Tail = LastIsOpen ? TailOf(Last!.Value.Base, Tail) : null,
                };
            }
        }

        public override string ToString() => $"MANIFEST {Manifest}, segments {string.Join(" ", Images)}, tail {Tail}";

        private SegmentFacts FactsOf(long baseOffset, SegmentImage image)
        {
            var path = $"/log/{SegmentName.Log(baseOffset)}";
            var facts = new SegmentFacts(baseOffset, 1000);
            var end = new Watermark(baseOffset + (image == SegmentImage.Whole ? SegmentRecords : 3), 500);
            return image switch
            {
                SegmentImage.Marked => facts with { Mark = SealedAt(baseOffset) },
                SegmentImage.BadHead => facts with { HeadFault = new WalDamagedException(path, 60, "this", "that") },
                SegmentImage.OfAnotherLog =>
                    facts with { HeadFault = new WalForeignException(path, 16, "this", "that") },
                SegmentImage.Newer =>
                    facts with { HeadFault = new WalNewerVersionException(path, 8, "format version", 2, 1) },
                SegmentImage.Link => facts with { HeadFault = WalForeignException.NoPlainFile(path) },
                _ when baseOffset == Last?.Base => facts,
                _ => facts with { Extent = new SegmentExtent(end, image == SegmentImage.Whole, "that") },
            };
        }

        private static SealedSegment SealedAt(long baseOffset) =>
            new(baseOffset, baseOffset + SegmentRecords, 936, SegmentState.Sealed, 0, 1);

        private static TailSurvey TailOf(long baseOffset, RecoveryCase row)
        {
            var end = new Watermark(baseOffset + 3, 500);
            return new TailSurvey(row, null, end, end, new PositionTable(), 7, "that", -1);
        }
    }
}
