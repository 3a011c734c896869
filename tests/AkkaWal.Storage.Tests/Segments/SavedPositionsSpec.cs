using AkkaWal.Crash.Tests.Simulation;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Storage.Tests.Segments;

/// <summary>Sealed segments whose index is read as it is needed, within a budget, and whose index may lie.</summary>
public sealed class SavedPositionsSpec
{
    private const string Index = "/log/00000000.index", Log = "/log/00000000.log";

    // More than are read at an opening, and no multiple of a chunk.
    private const int Records = 9 * PositionTable.ChunkEntries + 77;

    private readonly SimulatedDisk _disk = new();
    private readonly SegmentStore _store;
    private readonly SealedSegment _segment;

    public SavedPositionsSpec()
    {
        using (var log = SegmentedLog.Open("/log", new WalOptions { Flush = FlushPolicy.OsCache }, _disk))
        {
            for (var i = 0; i < Records; i++) log.Append(Payload(i));
            log.SealActive();
        }
        var manifest = Manifest.Decode(_disk.ReadAll("/log/MANIFEST"), "MANIFEST");
        _store = new SegmentStore(_disk, "/log", manifest.LogId, new WalOptions());
        _segment = manifest.SealedSegments[0];
    }

    // No room at all, for one chunk, for some, for all.
    public static TheoryData<int> Budgets => [0, 5000, 12_000, 1 << 20];

    private static byte[] Payload(long i) => [.. BitConverter.GetBytes((int)i), .. new byte[i * 7 % 61]];

    /// <summary>Counts what is read of the index's entries, and of the log.</summary>
    private sealed class Reads
    {
        internal int Entries { get; private set; }

        internal int Log { get; private set; }

        internal Reads(SimulatedDisk disk) => disk.ReadFaults = (path, position) =>
        {
            if (path.EndsWith(".log", StringComparison.Ordinal)) Log++;
            else if (position >= IndexSlot.EntriesAt) Entries++;
            return false;
        };

        internal (int Entries, int Log) Since(Action action)
        {
            var (entries, log) = (Entries, Log);
            action();
            return (Entries - entries, Log - log);
        }
    }

    [Theory]
    [MemberData(nameof(Budgets))]
    public void Records_should_be_read_whatever_the_budget_and_the_budget_be_kept(int maxBytes)
    {
        var handles = _disk.OpenHandleCount;
        var budget = new IndexBudget(maxBytes);
        using (var reader = SegmentReader.Open(_store, _segment, budget))
        {
            var random = new Random(1);
            for (var i = 0; i < 2 * Records; i++)
            {
                var offset = random.Next(Records);
                Assert.Equal(Payload(offset), reader.Records.Read(offset));
                Assert.InRange(budget.UsedBytes, 0, maxBytes);
            }
            for (var offset = 0; offset < Records; offset++) Assert.Equal(Payload(offset), reader.Records.Read(offset));
            Assert.Equal(maxBytes > 0, budget.UsedBytes > 0);
        }
        Assert.Equal((0L, handles), (budget.UsedBytes, _disk.OpenHandleCount));
    }

    [Theory]
    [MemberData(nameof(Budgets))]
    public void Batches_and_places_should_be_what_the_records_say(int maxBytes)
    {
        using var reader = SegmentReader.Open(_store, _segment, new IndexBudget(maxBytes));
        var random = new Random(2);
        for (var round = 0; round < 300; round++)
        {
            var first = random.Next(Records);
            var (maxRecords, mostBytes) = (random.Next(4) == 0 ? int.MaxValue : random.Next(1, 200), random.Next(4) == 0 ? long.MaxValue : random.Next(0, 5000));
            var expected = new List<byte[]>();
            for (long offset = first, left = mostBytes; offset < Records && expected.Count < maxRecords; offset++)
            {
                var payload = Payload(offset);
                if (expected.Count > 0 && payload.Length > left) break;
                left -= payload.Length;
                expected.Add(payload);
            }
            var payloads = new List<ReadOnlyMemory<byte>> { new byte[] { 1 } };
            Assert.True(reader.Records.ReadBatch(first, maxRecords, mostBytes, payloads));
            Assert.Equal(expected, payloads.Skip(1).Select(payload => payload.ToArray()));

            var (position, bytes) = reader.Records.Locate(first);
            Assert.Equal(Payload(first), _disk.ReadAll(Log).AsSpan((int)position + Frame.HeaderBytes, bytes).ToArray());
        }
    }

    [Fact]
    public void Record_should_cost_one_read_where_its_index_is_kept_and_two_where_it_has_no_room()
    {
        var reads = new Reads(_disk);
        SegmentReader? reader = null;
        Assert.Equal((0, 1), reads.Since(() => reader = SegmentReader.Open(_store, _segment, new IndexBudget(0))));
        using (reader)
            for (var i = 0; i < 3; i++)
                foreach (var offset in new[] { 0, 1023, 1024, Records - 1 }) Assert.Equal((1, 1), reads.Since(() => reader!.Records.Read(offset)));

        using var keeper = SegmentReader.Open(_store, _segment, new IndexBudget(1 << 20));
        Assert.Equal((1, 1), reads.Since(() => keeper.Records.Read(5)));
        Assert.Equal((0, 1), reads.Since(() => keeper.Records.Read(5)));
        Assert.Equal((0, 1), reads.Since(() => keeper.Records.Read(1000)));
        // The end of the chunk's last record is in the next one.
        Assert.Equal((1, 1), reads.Since(() => keeper.Records.Read(1023)));
        Assert.Equal((0, 1), reads.Since(() => keeper.Records.Read(1024)));
    }

    [Fact]
    public void Walk_from_the_middle_should_look_up_one_record()
    {
        var reads = new Reads(_disk);
        var handles = _disk.OpenHandleCount;
        Assert.Equal(1, reads.Since(() =>
        {
            using var walk = SegmentReader.Scan(_store, _segment, 4000);
            Assert.Equal(handles + 1, _disk.OpenHandleCount);
            for (var offset = 4000; offset < Records; offset++)
            {
                Assert.True(walk.Frames.MoveNext());
                Assert.Equal(Payload(offset), walk.Frames.Payload.ToArray());
            }
            Assert.False(walk.Frames.MoveNext());
        }).Entries);
    }

    // An entry that is still between its neighbours, one that is not, one beyond the end, the first, the last, a whole chunk, the file cut short.
    public static TheoryData<string, int> Lies
    {
        get
        {
            var lies = new TheoryData<string, int>();
            foreach (var kind in new[] { "near", "far", "beyond", "first", "last", "chunk", "short" })
                foreach (var budget in Budgets) lies.Add(kind, budget);
            return lies;
        }
    }

    private void Lie(string kind)
    {
        void Flip(int entry, int byteNumber, byte bits) => _disk.Flip(Index, IndexSlot.EntriesAt + 4L * entry + byteNumber, bits);
        switch (kind)
        {
            case "near":
                Flip(2000, 0, 1);
                break;
            case "far":
                Flip(2000, 1, 0xF0);
                break;
            case "beyond":
                Flip(2000, 3, 0x80);
                break;
            case "first":
                Flip(0, 0, 4);
                break;
            case "last":
                Flip(Records - 1, 0, 2);
                break;
            case "chunk":
                for (var entry = 2048; entry < 3072; entry++) Flip(entry, 2, 1);
                break;
            default:
                _disk.Overwrite(Index, _disk.ReadAll(Index).AsSpan(0, IndexSlot.EntriesAt + 4 * 5000 + 1));
                break;
        }
    }

    [Theory]
    [MemberData(nameof(Lies))]
    public void Index_that_lies_should_be_found_out_and_made_up_for_once(string kind, int maxBytes)
    {
        Lie(kind);
        using (var reader = SegmentReader.Open(_store, _segment, new IndexBudget(maxBytes)))
        {
            for (var offset = Records - 1; offset >= 0; offset--) Assert.Equal(Payload(offset), reader.Records.Read(offset));
            var reads = new Reads(_disk);
            Assert.Equal((0, Records), reads.Since(() =>
            {
                for (var offset = 0; offset < Records; offset++) reader.Records.Read(offset);
            }));
        }
        using (var reader = SegmentReader.Open(_store, _segment, new IndexBudget(maxBytes)))
        {
            long position = SegmentHeader.SizeBytes;
            for (var offset = 0; offset < Records; offset++)
            {
                Assert.Equal((position, Payload(offset).Length), reader.Records.Locate(offset));
                position += Frame.SizeOf(Payload(offset).Length);
            }
        }
        foreach (var first in new[] { 0, 1, 1999, 2000, 2001, 2048, 3000, 4999, 5000, Records - 1 })
        {
            using var reader = SegmentReader.Open(_store, _segment, new IndexBudget(maxBytes));
            var payloads = new List<ReadOnlyMemory<byte>>();
            Assert.True(reader.Records.ReadBatch(first, 300, long.MaxValue, payloads));
            var count = Math.Min(300, Records - first);
            Assert.Equal(Enumerable.Range(first, count).Select(i => Payload(i)), payloads.Select(payload => payload.ToArray()));

            using var walk = SegmentReader.Scan(_store, _segment, first);
            for (var offset = first; offset < Records; offset++)
            {
                Assert.True(walk.Frames.MoveNext());
                Assert.Equal(Payload(offset), walk.Frames.Payload.ToArray());
            }
        }
    }

    [Theory]
    [MemberData(nameof(Budgets))]
    public void Damaged_record_should_be_told_and_others_be_read(int maxBytes)
    {
        const int Bad = 5000;
        using (var whole = SegmentReader.Open(_store, _segment)) _disk.Flip(Log, whole.Records.Locate(Bad).Position + Frame.HeaderBytes, 1);
        using var reader = SegmentReader.Open(_store, _segment, new IndexBudget(maxBytes));
        for (var round = 0; round < 2; round++)
        {
            for (var offset = Bad - 20; offset < Bad + 20; offset++)
            {
                if (offset == Bad) Assert.Throws<WalDamagedException>(() => reader.Records.Read(Bad));
                else Assert.Equal(Payload(offset), reader.Records.Read(offset));
            }
            var payloads = new List<ReadOnlyMemory<byte>>();
            Assert.False(reader.Records.ReadBatch(Bad - 5, 100, long.MaxValue, payloads));
            Assert.Equal(5, payloads.Count);
            Assert.Throws<WalDamagedException>(() => reader.Records.ReadBatch(Bad, 100, long.MaxValue, payloads));
            Assert.Equal(Payload(Bad).Length, reader.Records.Locate(Bad).PayloadBytes);
        }
    }

    [Theory]
    [MemberData(nameof(Budgets))]
    public void Index_that_can_not_be_read_should_be_an_error_that_passes(int maxBytes)
    {
        using var reader = SegmentReader.Open(_store, _segment, new IndexBudget(maxBytes));
        _disk.ReadFaults = (path, _) => path == Index;
        Assert.Throws<WalIOException>(() => reader.Records.Read(3));
        _disk.ReadFaults = null;
        Assert.Equal(Payload(3), reader.Records.Read(3));
    }

    [Theory]
    [MemberData(nameof(Budgets))]
    public void Threads_should_share_a_budget_and_leave_nothing_of_it_behind(int maxBytes)
    {
        Lie("near");
        var budget = new IndexBudget(maxBytes);
        for (var round = 0; round < 20; round++)
        {
            using var reader = SegmentReader.Open(_store, _segment, budget);
            Parallel.For(0, 8, worker =>
            {
                var random = new Random(worker);
                for (var i = 0; i < 200; i++)
                {
                    var offset = random.Next(Records);
                    Assert.Equal(Payload(offset), reader.Records.Read(offset));
                }
            });
        }
        Assert.Equal(0, budget.UsedBytes);
    }
}
