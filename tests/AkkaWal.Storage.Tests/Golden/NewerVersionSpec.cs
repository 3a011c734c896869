using System.Buffers.Binary;
using System.Globalization;
using AkkaWal.Storage.Backup;
using AkkaWal.Storage.Blocks;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Repair;

namespace AkkaWal.Storage.Tests.Golden;

/// <summary>
/// The golden log with one version number that this code does not know, and valid checksums. It is refused as newer,
/// never called damaged, and not changed.
/// </summary>
public sealed class NewerVersionSpec
{
    private const string Active = "00000250";

    private static readonly string[] LookedInto =
    [
        "manifest version", "manifest flags", "segment state", "active log", "active index",
        "other slot of the active index", "index state", "unknown log", "unknown index",
    ];

    /// <summary>The files that an opening reads.</summary>
    public static TheoryData<string> Heads => [.. LookedInto];

    public static TheoryData<string> Everything =>
        [.. LookedInto, "sealed log", "sealed index", "compressed log", "codec"];

    /// <summary>Raises a version number, and corrects every checksum over it.</summary>
    internal static string Raise(GoldenLog golden, string what)
    {
        switch (what)
        {
            case "manifest version":
                return Change(golden, "MANIFEST", 8, 3, file => (0, file.Length));
            case "manifest flags":
                return Change(golden, "MANIFEST", 44, 3, file => (0, file.Length));
            case "segment state":
                return Change(golden, "MANIFEST", 48 + 16 + 40, 17, file => (0, file.Length));
            case "active log":
                return Change(golden, Active + ".log", 8, 2, _ => (0, SegmentHeader.SizeBytes));
            case "active index":
                return Change(
                    golden, Active + ".index", NewestSlotAt(golden) + 8, 2,
                    _ => (NewestSlotAt(golden), IndexSlot.SizeBytes));
            case "other slot of the active index":
                var other = IndexSlot.StrideBytes - NewestSlotAt(golden);
                return Change(golden, Active + ".index", other + 8, 2, _ => (other, IndexSlot.SizeBytes));
            case "index state":
                return Change(
                    golden, Active + ".index", NewestSlotAt(golden) + 12, 3,
                    _ => (NewestSlotAt(golden), IndexSlot.SizeBytes));
            case "unknown log":
                return Change(golden, "00000210.log", 8, 2, _ => (0, SegmentHeader.SizeBytes));
            case "unknown index":
                return Change(golden, "00000210.index", 8, 2, _ => (0, IndexSlot.SizeBytes));
            case "sealed log":
                return Change(golden, "00000170.log", 8, 2, _ => (0, SegmentHeader.SizeBytes));
            case "sealed index":
                return Change(golden, "00000170.index", 8, 2, _ => (0, IndexSlot.SizeBytes));
            case "compressed log":
                return Change(golden, "00000120.logz", 8, 2, _ => (0, CompressedHead.SizeBytes));
            case "codec":
                return Change(
                    golden, "00000120.logz", 12, (uint)BlockCodec.HighestKnown + 1, _ => (0, CompressedHead.SizeBytes));
            default:
                throw new ArgumentOutOfRangeException(nameof(what), what, null);
        }
    }

    private static int NewestSlotAt(GoldenLog golden)
    {
        var head = File.ReadAllBytes(golden[Active + ".index"]);
        ulong SequenceAt(int at) => BinaryPrimitives.ReadUInt64LittleEndian(head.AsSpan(at + 32));
        return SequenceAt(0) > SequenceAt(IndexSlot.StrideBytes) ? 0 : IndexSlot.StrideBytes;
    }

    private static string Change(
        GoldenLog golden, string name, int position, uint number, Func<byte[], (int Start, int Length)> head)
    {
        var bytes = File.ReadAllBytes(golden[name]);
        var (start, length) = head(bytes);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(position), number);
        var body = bytes.AsSpan(start, length - sizeof(uint));
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(start + body.Length), Crc32C.Compute(body));
        // Sealed files are read-only.
        File.Delete(golden[name]);
        File.WriteAllBytes(golden[name], bytes);
        return golden[name];
    }

    [Theory]
    [MemberData(nameof(Heads))]
    public void Opening_should_refuse_a_newer_log_as_newer_and_change_nothing(string what)
    {
        // The MANIFEST of the killed log does not have the last sealed segment.
        using var golden = new GoldenLog("killed");
        var path = Raise(golden, what);
        var before = DirectorySnapshot.Of(golden.Directory);
        var refusal = Assert.Throws<WalNewerVersionException>(
            () => SegmentedLog.Open(golden.Directory, golden.Options));
        Assert.Equal(path, refusal.Path);
        Assert.True(refusal.FoundVersion > refusal.KnownVersion);
        Assert.DoesNotContain("damage", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(before, DirectorySnapshot.Of(golden.Directory));
    }

    [Theory]
    [InlineData("sealed log", 170, 209)]
    [InlineData("compressed log", 120, 159)]
    [InlineData("codec", 120, 159)]
    public void Records_of_a_newer_segment_should_be_told_as_newer_and_all_others_be_read(
        string what, int first, int last)
    {
        using var golden = new GoldenLog("stopped");
        var path = Raise(golden, what);
        using var log = SegmentedLog.Open(golden.Directory, golden.Options);
        for (var offset = 0L; offset < GoldenLog.NextOffset; offset++)
        {
            if (GoldenLog.IsDeleted(offset)) continue;
            if (offset < first || offset > last) Assert.Equal(GoldenLog.Payload(offset), log.Read(offset));
            else Assert.Equal(path, Assert.Throws<WalNewerVersionException>(() => log.Read(offset)).Path);
        }
    }

    [Theory]
    [MemberData(nameof(Everything))]
    public void Verification_and_reader_should_tell_a_newer_file_as_newer_and_nothing_as_damaged(string what)
    {
        using var golden = new GoldenLog("killed");
        var path = Raise(golden, what);
        var before = DirectorySnapshot.Of(golden.Directory);
        var report = LogVerifier.Verify(golden.Directory, golden.Options);
        var newer = Assert.Single(report.Faults, fault => fault.Kind == LogFaultKind.Newer);
        Assert.Equal(path, newer.Path);
        Assert.Null(newer.Repair);
        Assert.DoesNotContain(report.Faults, fault => fault.Kind == LogFaultKind.Damaged);
        var isRefused = LookedInto.Contains(what);
        Assert.Equal(isRefused ? path : null, report.Refusal?.Path);
        if (path.EndsWith("MANIFEST", StringComparison.Ordinal))
            Assert.Throws<WalNewerVersionException>(() => LogReader.Open(golden.Directory));
        else
        {
            using var reader = LogReader.Open(golden.Directory, new LogReaderOptions { Archive = golden.Archive });
            Assert.Equal(isRefused ? path : null, (reader.Damage as WalNewerVersionException)?.Path);
            // A log whose index is newer is read without it.
            foreach (var offset in what == "sealed index" ? new[] { 0, 170, 209 } : [0])
                Assert.Equal(GoldenLog.Payload(offset), reader.Read(offset));
        }
        Assert.Equal(before, DirectorySnapshot.Of(golden.Directory));
    }

    [Theory]
    [MemberData(nameof(Everything))]
    public void Backup_should_refuse_a_newer_log_and_a_newer_backup_and_change_nothing(string what)
    {
        using var source = new GoldenLog("killed");
        using var other = new GoldenLog("killed");
        var path = Raise(source, what);
        var before = DirectorySnapshot.Of(source.Directory);
        var destination = Path.Combine(other.Directory, "..", "destination");
        var refusal = Assert.ThrowsAny<WalFaultException>(
            () => LogBackup.Run(source.Directory, destination, source.Options));
        Assert.Contains(path, refusal.Message, StringComparison.Ordinal);
        Assert.Contains("newer", refusal.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(destination));
        Assert.Equal(before, DirectorySnapshot.Of(source.Directory));

        // The same as the destination of a backup, and as what is restored. The head of a sealed segment there is not
        // looked into: what is no backup is refused before.
        refusal = Assert.ThrowsAny<WalFaultException>(
            () => LogBackup.Run(other.Directory, source.Directory, other.Options));
        if (LookedInto.Contains(what)) Assert.Contains("newer", refusal.Message, StringComparison.Ordinal);
        refusal = Assert.ThrowsAny<WalFaultException>(
            () => LogBackup.Restore(source.Directory, destination, source.Options));
        Assert.Contains("newer", refusal.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(destination));
        Assert.Equal(before, DirectorySnapshot.Of(source.Directory));
    }

    [Theory]
    [MemberData(nameof(Everything))]
    public void Repairs_should_leave_a_newer_file_alone(string what)
    {
        using var golden = new GoldenLog("killed");
        var path = Raise(golden, what);
        var before = DirectorySnapshot.Of(golden.Directory);
        var baseOffset = path.EndsWith("MANIFEST", StringComparison.Ordinal)
            ? 170
            : long.Parse(Path.GetFileName(path).Split('.')[0], CultureInfo.InvariantCulture);
        Func<RepairReport>[] repairs =
        [
            () => LogRepair.RebuildIndex(golden.Directory, baseOffset, golden.Options),
            () => LogRepair.SetSegmentAside(golden.Directory, baseOffset, golden.Options),
            () => LogRepair.SealAsItIs(golden.Directory, baseOffset, golden.Options),
            () => LogRepair.CutTail(golden.Directory, golden.Options),
            () => LogRepair.ReplaceActive(golden.Directory, golden.Options),
            () => LogRepair.RebuildManifest(golden.Directory, golden.Options),
        ];
        foreach (var repair in repairs)
        {
            try
            {
                Assert.Equal(new RepairReport(null, null, null), repair());
            }
            catch (Exception e) when (e is WalNewerVersionException or ArgumentException)
            {
                // The log is newer, or the repair does not apply.
            }
            Assert.Equal(before, DirectorySnapshot.Of(golden.Directory));
        }
    }

    [Fact]
    public void Newer_version_with_a_wrong_checksum_should_be_damage()
    {
        using var golden = new GoldenLog("stopped");
        var bytes = File.ReadAllBytes(golden["MANIFEST"]);
        bytes[8] = 2;
        File.WriteAllBytes(golden["MANIFEST"], bytes);
        Assert.Throws<WalDamagedException>(() => SegmentedLog.Open(golden.Directory, golden.Options));
    }
}
