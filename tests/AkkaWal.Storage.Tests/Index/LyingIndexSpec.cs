using AkkaWal.Storage.Format;
using AkkaWal.Storage.Index;
using AkkaWal.Storage.Segments;
using AkkaWal.TestKit;

namespace AkkaWal.Storage.Tests.Index;

/// <summary>Sealed segments with a wrong index or log: no wrong record is returned, and no limit is exceeded.</summary>
public sealed class LyingIndexSpec : LongSegmentSpec
{
    // The damages: an entry that is still between its neighbours, one that is not, one beyond the end, the first, the
    // last, a whole chunk, and a file that is cut short.
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

    [Theory]
    [MemberData(nameof(Lies))]
    public void Index_that_lies_should_be_found_out_and_made_up_for_once(string kind, int maxBytes)
    {
        Lie(kind);
        using (var reader = Open(new IndexBudget(maxBytes)))
        {
            for (var offset = Records - 1; offset >= 0; offset--)
                Assert.Equal(Payload(offset), reader.Records.Read(offset));
            var reads = new Reads(Disk);
            Assert.Equal((0, Records), reads.Since(() =>
            {
                for (var offset = 0; offset < Records; offset++) reader.Records.Read(offset);
            }));
        }
        using (var reader = Open(new IndexBudget(maxBytes)))
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
            using var reader = Open(new IndexBudget(maxBytes));
            var payloads = new List<ReadOnlyMemory<byte>>();
            Assert.True(reader.Records.ReadBatch(first, 300, long.MaxValue, payloads));
            var count = Math.Min(300, Records - first);
            Assert.Equal(
                Enumerable.Range(first, count).Select(i => Payload(i)), payloads.Select(payload => payload.ToArray()));

            using var walk = Scan(first);
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
        using (var whole = Open()) Disk.Flip(Log, whole.Records.Locate(Bad).Position + Frame.HeaderBytes, 1);
        var budget = new IndexBudget(maxBytes);
        using var reader = Open(budget);
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
        // The index was found to be right and takes no more memory than before.
        Assert.InRange(budget.UsedBytes, 0, maxBytes);
    }

    /// <summary>Runs an action once, in the middle of the next read of the log.</summary>
    private void WithinNextRead(Action action) => Disk.ReadFaults = (path, _) =>
    {
        if (path != Log) return false;
        Disk.ReadFaults = null;
        action();
        return false;
    };

    [Theory]
    [MemberData(nameof(Budgets))]
    public void Lie_that_somebody_else_finds_out_meanwhile_should_be_looked_up_again(int maxBytes)
    {
        Lie("near");
        SegmentReader Reader() => Open(new IndexBudget(maxBytes));
        using (var reader = Reader())
        {
            WithinNextRead(() => reader.Records.Read(2000));
            Assert.Equal(Payload(2000), reader.Records.Read(2000));
        }
        using (var reader = Reader())
        {
            long expected = SegmentHeader.SizeBytes;
            for (var i = 0; i < 2000; i++) expected += Frame.SizeOf(Payload(i).Length);
            WithinNextRead(() => reader.Records.Read(2000));
            Assert.Equal(expected, reader.Records.Locate(2000).Position);
        }
        using (var reader = Reader())
        {
            var payloads = new List<ReadOnlyMemory<byte>>();
            WithinNextRead(() => reader.Records.Read(2000));
            Assert.True(reader.Records.ReadBatch(1995, 10, long.MaxValue, payloads));
            Assert.Equal(
                Enumerable.Range(1995, 10).Select(i => Payload(i)), payloads.Select(payload => payload.ToArray()));
        }
    }

    [Theory]
    [MemberData(nameof(Budgets))]
    public void Batch_should_keep_its_limits_whatever_lies(int maxBytes)
    {
        Lie("near");
        Disk.Flip(Index, IndexSlot.EntriesAt + 4 * 2100 + 3, 0x80);
        using (var reader = Open(new IndexBudget(maxBytes)))
        {
            var payloads = new List<ReadOnlyMemory<byte>>();
            Assert.True(reader.Records.ReadBatch(2000, 100, long.MaxValue, payloads));
            Assert.Equal(100, payloads.Count);
        }
        // A length in the log is wrong too, so a scan ends there.
        using (var whole = Open()) Disk.Flip(Log, whole.Records.Locate(3000).Position + 2, 0xFF);
        foreach (var lie in new[] { 5100, 5101, 5105, 5150, 5199, 5200 })
        {
            Disk.Flip(Index, IndexSlot.EntriesAt + 4L * lie + 3, 0x80);
            using var reader = Open(new IndexBudget(maxBytes));
            for (var first = 5090; first < 5210; first++)
            {
                var payloads = new List<ReadOnlyMemory<byte>>();
                try
                {
                    reader.Records.ReadBatch(first, 100, 300, payloads);
                }
                catch (WalDamagedException)
                {
                    // The record can't be found, neither by the index nor by a scan.
                    Assert.Contains(first, new[] { lie - 1, lie });
                }
                Assert.Equal(
                    Enumerable.Range(first, payloads.Count).Select(i => Payload(i)),
                    payloads.Select(payload => payload.ToArray()));
                Assert.InRange(payloads.Skip(1).Sum(payload => payload.Length), 0, 300);
            }
            Disk.Flip(Index, IndexSlot.EntriesAt + 4L * lie + 3, 0x80);
        }
    }

    [Theory]
    [MemberData(nameof(Budgets))]
    public void Records_behind_a_break_in_the_log_should_be_read_where_the_index_is_right_about_them(int maxBytes)
    {
        using (var whole = Open()) Disk.Flip(Log, whole.Records.Locate(100).Position + 2, 0xFF);
        Disk.Flip(Index, IndexSlot.EntriesAt + 4 * 9000, 1);
        using var reader = Open(new IndexBudget(maxBytes));
        for (var round = 0; round < 2; round++)
        {
            foreach (var offset in new[] { 0, 99, 101, 5000, 8998, 9001, Records - 1 })
                Assert.Equal(Payload(offset), reader.Records.Read(offset));
            foreach (var offset in new[] { 100, 8999, 9000 })
                Assert.Throws<WalDamagedException>(() => reader.Records.Read(offset));
            // The last record before the damage, and one behind it.
            foreach (var offset in new[] { 99, 5000 })
                Assert.Equal(Payload(offset).Length, reader.Records.Locate(offset).PayloadBytes);
        }
    }

    [Theory]
    [MemberData(nameof(Budgets))]
    public void Reader_that_is_closed_in_the_middle_should_leave_nothing_behind(int maxBytes)
    {
        Lie("near");
        var (budget, handles) = (new IndexBudget(maxBytes), Disk.OpenHandleCount);
        var reader = Open(budget);
        WithinNextRead(reader.Dispose);
        Assert.Throws<ObjectDisposedException>(() => reader.Records.Read(2000));
        Assert.Equal((0L, handles), (budget.UsedBytes, Disk.OpenHandleCount));
    }
}
