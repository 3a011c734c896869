using System.Buffers.Binary;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Repair;
using AkkaWal.TestKit;

namespace AkkaWal.Storage.Tests.Maintenance;

/// <summary>Maintenance of segments with a lost or wrong index, whose records can be read.</summary>
public sealed class LostIndexSpec
{
    private const int Records = 12;

    /// <summary>A segment size for all records.</summary>
    private const long AllRecords = 8000;

    private const string Index = "/log/00000000.index";

    private readonly SimulatedDisk _disk = new();

    private WalOptions Options => new()
    {
        MaxSegmentBytes = AllRecords, Archive = new DirectoryArchive(_disk, "/archive"),
    };

    public static TheoryData<string, string> Cases
    {
        get
        {
            var cases = new TheoryData<string, string>();
            foreach (var fault in new[] { "lost", "empty", "rotten slots", "rotten entry", "lying entry" })
                foreach (var work in new[] { "archive", "compress", "compress and archive" })
                    cases.Add(fault, work);
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Upkeep_should_do_what_reading_does_about_the_index(string fault, string work)
    {
        var options = Options;
        using (var log = SegmentedLog.Open("/log", options, _disk))
        {
            for (var i = 0; i < Records; i++) log.Append(PayloadOf(i));
            log.SealActive();
        }
        Break(fault);
        using (var log = SegmentedLog.Open("/log", options, _disk))
        {
            AssertServes(log);
            if (work.StartsWith("compress", StringComparison.Ordinal)) log.CompressSegment("00000000.log");
            if (work.EndsWith("archive", StringComparison.Ordinal)) log.ArchiveSegment("00000000.log");
            AssertServes(log);
        }
        using (var log = SegmentedLog.Open("/log", options, _disk)) AssertServes(log);
        // An archived segment gets a good index. A local one keeps its index.
        if (work.EndsWith("archive", StringComparison.Ordinal))
            Assert.Empty(LogVerifier.Verify("/log", options, _disk).Faults);
    }

    private void Break(string fault)
    {
        if (fault == "lost") _disk.Lose(Index);
        else if (fault == "empty") _disk.Overwrite(Index, []);
        else if (fault == "rotten slots")
            foreach (var at in new[] { 40, 552 }) _disk.Flip(Index, at, 1);
        else if (fault == "rotten entry") _disk.Flip(Index, IndexSlot.EntriesAt + 3 * 4, 1);
        else Lie();
    }

    // Writes a wrong entry with a matching checksum.
    private void Lie()
    {
        var bytes = _disk.ReadAll(Index);
        var entries = bytes.AsSpan(IndexSlot.EntriesAt);
        BinaryPrimitives.WriteUInt32LittleEndian(
            entries[(3 * 4)..], BinaryPrimitives.ReadUInt32LittleEndian(entries[(3 * 4)..]) + 9);
        var header = SegmentHeader.Decode(
            _disk.ReadAll("/log/00000000.log").AsSpan(0, SegmentHeader.SizeBytes), "log", LogId(), 0);
        var slot = IndexSlot.Newest(bytes.AsSpan(0, IndexSlot.EntriesAt), header)!.Value with
        {
            EntriesChecksum = Crc32C.Compute(entries),
        };
        slot.Encode(bytes.AsSpan((int)slot.WriteAt));
        _disk.Overwrite(Index, bytes);
    }

    private Guid LogId() => Manifest.Decode(_disk.ReadAll("/log/MANIFEST"), "MANIFEST").LogId;

    private static void AssertServes(SegmentedLog log)
    {
        for (var i = 0; i < Records; i++) Assert.Equal(PayloadOf(i), log.Read(i));
    }

    private static byte[] PayloadOf(int number) =>
        System.Text.Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat($"word{number} ", 60 + number)));
}
