using AkkaWal.Storage.Format;
using AkkaWal.Storage.Index;
using AkkaWal.Storage.Tail;

namespace AkkaWal.Storage.Tests.Tail;

public sealed class StagedRecordsSpec
{
    private const int BaseOffset = 7, Start = SegmentHeader.SizeBytes;

    private readonly SegmentHeader _header = SegmentHeader.Create(Guid.NewGuid(), BaseOffset);
    private readonly PositionTable _positions = new();
    private readonly StagedRecords _staged;

    public StagedRecordsSpec() => _staged = new StagedRecords(_header, _positions, 1 << 20);

    [Fact]
    public void Buffer_should_be_let_go_of_when_little_of_it_was_needed()
    {
        Assert.False(_staged.Shrink());

        _staged.Add(new byte[3000], Start, false);
        _staged.Clear();
        Assert.True(_staged.Shrink());
        Assert.False(_staged.Shrink());

        _staged.Add(new byte[100], Start, false);
        Assert.True(_staged.Shrink());
        Assert.Equal(Frame.SizeOf(100), _staged.SizeBytes);
        _staged.Clear();
        Assert.False(_staged.Shrink());
    }

    [Fact]
    public void Dropped_records_should_give_their_offsets_back()
    {
        Assert.Equal(BaseOffset, _staged.Add(new byte[10], Start, false));
        _staged.Clear();
        var (behindFirst, batchBytes) = (Start + Frame.SizeOf(10), (int)(Frame.SizeOf(1) + Frame.SizeOf(2)));
        Assert.Equal(BaseOffset + 1, _staged.AddBatch([new byte[1], new byte[2]], behindFirst));
        Assert.Equal(
            (BaseOffset + 3L, batchBytes, behindFirst + Frame.SizeOf(1)),
            (_staged.NextOffset, _staged.SizeBytes, _positions[2]));
        _staged.Drop(BaseOffset + 1);
        Assert.Equal((BaseOffset + 1, 0, 1), (_staged.NextOffset, _staged.SizeBytes, _positions.Count));
    }
}
