using AkkaWal.Storage.Catalog;
using AkkaWal.Storage.Files;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Index;
using AkkaWal.Storage.Segments;
using AkkaWal.TestKit;

namespace AkkaWal.Storage.Tests.Tail;

/// <summary>What a writer and a reader of one segment leave behind when disk operations fail in the middle.</summary>
public sealed class WriterFaultSpec
{
    private readonly SimulatedDisk _disk = new();

    private void FailOn(DiskOperationKind kind, string suffix, DiskFault fault) =>
        _disk.Faults = operation => operation.Kind == kind && operation.Path.EndsWith(suffix, StringComparison.Ordinal)
            ? fault : null;

    [Fact]
    public void Commit_whose_index_block_fails_should_be_of_unknown_outcome()
    {
        using var log = SegmentedLog.Open("/log", null, _disk);
        FailOn(DiskOperationKind.Write, ".index", DiskFault.Error);
        for (var i = 0; i < SegmentIndexFile.BlockEntries; i++) log.Append([1]);
        Assert.Throws<WalOutcomeUnknownException>(log.Commit);
        Assert.Throws<WalReadOnlyException>(() => log.Append([1]));
    }

    [Fact]
    public void Commit_that_lacks_memory_should_be_cut_off_and_work_when_there_is_some()
    {
        using var log = SegmentedLog.Open("/log", null, _disk);
        log.Append([1]);
        log.Commit();
        FailOn(DiskOperationKind.Write, ".log", DiskFault.NoMemory.After(0.5));
        const int PayloadBytes = 100_000;
        log.Append(new byte[PayloadBytes]);
        var failure = Assert.Throws<WalLackException>(log.Commit);
        Assert.Equal(WalIOCause.NoMemory, failure.Cause);
        Assert.Contains(
            $"{Frame.SizeOf(PayloadBytes)} bytes could not be written", failure.Message, StringComparison.Ordinal);
        _disk.Faults = null;
        Assert.Equal(1, log.Append([2]));
        log.Commit();
        Assert.Equal([2], log.Read(1));
    }

    [Theory]
    [InlineData("/log/00000001.index.tmp")]
    [InlineData("/log/00000001.log.tmp")]
    public void Roll_that_lacks_descriptors_should_not_happen_and_work_when_there_are_some(string path)
    {
        using var log = SegmentedLog.Open("/log", null, _disk);
        log.Append([1]);
        FailOn(DiskOperationKind.Create, path, DiskFault.NoDescriptors);
        Assert.Equal(WalIOCause.NoDescriptors, Assert.Throws<WalLackException>(log.SealActive).Cause);
        Assert.Equal(1, log.Append([2]));
        log.Commit();
        _disk.Faults = null;
        log.SealActive();
        Assert.Equal(2, log.Append([3]));
        log.Commit();
        Assert.Equal([1, 2, 3], new[] { 0, 1, 2 }.SelectMany(offset => log.Read(offset)));
    }

    [Fact]
    public void Seal_should_cut_the_zeros_of_a_reservation_that_found_room_for_some_of_them()
    {
        using var log = SegmentedLog.Open("/log", null, _disk);
        const int PayloadBytes = 10;
        // Only the write that has zeros behind the record is larger.
        _disk.Faults = operation =>
            operation.Kind == DiskOperationKind.Write && operation.LengthBytes > Frame.SizeOf(PayloadBytes)
                ? DiskFault.NoSpace.After(0.5)
                : null;
        log.Append(new byte[PayloadBytes]);
        log.Commit();
        _disk.Faults = null;
        log.SealActive();
        Assert.Equal(SegmentHeader.SizeBytes + Frame.SizeOf(PayloadBytes), _disk.ReadAll("/log/00000000.log").Length);
    }

    [Fact]
    public void Batch_of_more_than_an_array_holds_should_be_read_in_part()
    {
        const long HugeFrameBytes = (1L << 30) + 7;
        _disk.CreateDirectory("/log");
        using var file = _disk.Open("/log/segment", FileAccessMode.CreateNew);
        var header = SegmentHeader.Create(Guid.NewGuid(), 0);
        var frame = new byte[Frame.HeaderBytes];
        Frame.Encode(frame, [], Frame.SaltState(header.Salt), 0, continues: false);
        file.Write(SegmentHeader.SizeBytes, frame);
        var positions = new PositionTable();
        positions.Add(64);
        positions.Add(72);
        positions.Add(72 + HugeFrameBytes);
        var payloads = new List<ReadOnlyMemory<byte>>();
        new SegmentRecords(file, header, positions, new Watermark(3, 72 + 2 * HugeFrameBytes)).ReadBatch(
            0, 10, int.MaxValue, payloads);
        Assert.Single(payloads);
    }

    [Fact]
    public void Cut_of_a_full_disk_should_not_make_durable_what_a_failed_sync_may_have_lost()
    {
        using var directory = LogDirectory.Open(
            _disk, "/log", new WalOptions { Flush = FlushPolicy.OsCache }, _ => { });
        using var writer = directory.OpenActive(static _ => { }).Writer;
        writer.Stage([1]);
        writer.Commit();
        writer.BeginSync();
        FailOn(DiskOperationKind.Sync, ".log", DiskFault.Error);
        // As on the sync thread: the owner has not seen the failure yet.
        Assert.Throws<WalIOException>(writer.RunSync);
        FailOn(DiskOperationKind.Write, ".log", DiskFault.NoSpace);
        writer.Stage([2]);
        Assert.Throws<WalOutOfSpaceException>(writer.Commit);
        Assert.Equal(0, writer.Durable.NextOffset);
    }

    [Fact]
    public void Index_slot_that_found_no_room_should_be_written_again_and_not_the_good_one()
    {
        using var log = SegmentedLog.Open("/log", null, _disk);
        log.Append([1]);
        log.Commit();
        FailOn(DiskOperationKind.Write, ".index", DiskFault.NoSpace.After(0.5));
        log.Append([2]);
        log.Commit();
        _disk.Faults = null;
        log.Append([3]);
        log.Commit();
        var slots = _disk.Operations.Where(
            o => o.Kind == DiskOperationKind.Write && o.Name.EndsWith(".index", StringComparison.Ordinal)).ToList();
        Assert.Equal(slots[^2].Position, slots[^1].Position);
    }
}
