using AkkaWal.Storage.Format;
using AkkaWal.Storage.Index;
using AkkaWal.Storage.Tail;

namespace AkkaWal.Storage.Tests.Tail;

public sealed class StagedRecordsSpec
{
    private readonly SegmentHeader _header = SegmentHeader.Create(Guid.NewGuid(), 7);
    private readonly PositionTable _positions = new();
    private readonly StagedRecords _staged;

    public StagedRecordsSpec() => _staged = new StagedRecords(_header, _positions, 1 << 20);

    [Fact]
    public void Buffer_should_be_let_go_of_when_little_of_it_was_needed()
    {
        Assert.False(_staged.Shrink());

        _staged.Add(new byte[3000], 64, false);
        _staged.Clear();
        Assert.True(_staged.Shrink());
        Assert.False(_staged.Shrink());

        _staged.Add(new byte[100], 64, false);
        Assert.True(_staged.Shrink());
        Assert.Equal(108, _staged.SizeBytes);
        _staged.Clear();
        Assert.False(_staged.Shrink());
    }

    [Fact]
    public void Dropped_records_should_give_their_offsets_back()
    {
        Assert.Equal(7, _staged.Add(new byte[10], 64, false));
        _staged.Clear();
        Assert.Equal(8, _staged.AddBatch([new byte[1], new byte[2]], 82));
        Assert.Equal((10, 19, 91), (_staged.NextOffset, _staged.SizeBytes, _positions[2]));
        _staged.Drop(8);
        Assert.Equal((8, 0, 1), (_staged.NextOffset, _staged.SizeBytes, _positions.Count));
    }
}
