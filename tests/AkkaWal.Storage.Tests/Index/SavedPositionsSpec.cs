using AkkaWal.Storage.Format;
using AkkaWal.Storage.Index;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Storage.Tests.Index;

/// <summary>Sealed segments whose index is read as it is needed, within a budget.</summary>
public sealed class SavedPositionsSpec : LongSegmentSpec
{
    [Theory]
    [MemberData(nameof(Budgets))]
    public void Records_should_be_read_whatever_the_budget_and_the_budget_be_kept(int maxBytes)
    {
        var handles = Disk.OpenHandleCount;
        var budget = new IndexBudget(maxBytes);
        using (var reader = Open(budget))
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
        Assert.Equal((0L, handles), (budget.UsedBytes, Disk.OpenHandleCount));
    }

    [Theory]
    [MemberData(nameof(Budgets))]
    public void Batches_and_places_should_be_what_the_records_say(int maxBytes)
    {
        using var reader = Open(new IndexBudget(maxBytes));
        var random = new Random(2);
        for (var round = 0; round < 300; round++)
        {
            var first = random.Next(Records);
            var maxRecords = random.Next(4) == 0 ? int.MaxValue : random.Next(1, 200);
            var mostBytes = random.Next(4) == 0 ? long.MaxValue : random.Next(0, 5000);
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
            Assert.Equal(Payload(first), Disk.ReadAll(Log).AsSpan((int)position + Frame.HeaderBytes, bytes).ToArray());
        }
    }

    [Fact]
    public void Record_should_cost_one_read_where_its_index_is_kept_and_two_where_it_has_no_room()
    {
        var reads = new Reads(Disk);
        SegmentReader? reader = null;
        Assert.Equal((0, 1), reads.Since(() => reader = Open(new IndexBudget(0))));
        using (reader)
            for (var i = 0; i < 3; i++)
                foreach (var offset in new[] { 0, 1023, 1024, Records - 1 })
                    Assert.Equal((1, 1), reads.Since(() => reader!.Records.Read(offset)));

        using var keeper = Open(new IndexBudget(1 << 20));
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
        var reads = new Reads(Disk);
        var handles = Disk.OpenHandleCount;
        Assert.Equal(1, reads.Since(() =>
        {
            using var walk = Scan(4000);
            Assert.Equal(handles + 1, Disk.OpenHandleCount);
            for (var offset = 4000; offset < Records; offset++)
            {
                Assert.True(walk.Frames.MoveNext());
                Assert.Equal(Payload(offset), walk.Frames.Payload.ToArray());
            }
            Assert.False(walk.Frames.MoveNext());
        }).Entries);
    }

    [Theory]
    [MemberData(nameof(Budgets))]
    public void Index_that_can_not_be_read_should_be_an_error_that_passes(int maxBytes)
    {
        using var reader = Open(new IndexBudget(maxBytes));
        Disk.ReadFaults = (path, _) => path == Index;
        Assert.Throws<WalIOException>(() => reader.Records.Read(3));
        Disk.ReadFaults = null;
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
            using var reader = Open(budget);
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
