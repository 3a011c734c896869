using System.Text;
using AkkaWal.Node.Bridge;
using AkkaWal.Node.Bridge.Requests;
using AkkaWal.Node.Bridge.Setup;
using AkkaWal.Node.Translation;
using AkkaWal.Node.Translation.Operations;
using AkkaWal.Protocol;

namespace AkkaWal.Node.Tests.Bridge;

public class ReplyQueueSpec
{
    private static readonly Operation Append = Find("wal_append");
    private static readonly Operation Read = Find("wal_read");
    private static readonly Operation Info = Find("wal_info");

    private readonly ReplyQueue _queue = new(
        new NodeSettings { WindowRequests = 5, WindowBytes = 100, WindowReads = 2 });

    private static Operation Find(string type) => OperationTable.Find(Encoding.UTF8.GetBytes(type), false)!;

    private static Slot SlotOf(
        Operation? operation, long startPosition = 0, long deadline = 1000, LogReply? reply = null) =>
        new() { Operation = operation, StartPosition = startPosition, Deadline = deadline, Reply = reply };

    private static Appended Reply(long sequence) => new(sequence, sequence);

    [Fact]
    public void Replies_should_leave_in_the_order_of_the_requests()
    {
        for (var index = 0; index < 4; index++) _queue.Add(SlotOf(Append));
        Assert.True(_queue.Answer(Reply(2)));
        Assert.True(_queue.Answer(Reply(1)));
        Assert.False(_queue.HasReply);
        Assert.True(_queue.Answer(Reply(0)));
        Assert.Equal([0L, 1L, 2L], Enumerable.Range(0, 3).Select(_ => _queue.Remove().Reply!.RequestId));
        Assert.False(_queue.HasReply);
        Assert.False(_queue.IsEmpty);
    }

    [Fact]
    public void Exclusive_request_should_wait_for_all_before_it_and_hold_all_behind_it()
    {
        _queue.Add(SlotOf(Append));
        Assert.True(_queue.HasRoomFor(Append, 0));
        Assert.False(_queue.HasRoomFor(Info, 0));
        _queue.Answer(Reply(0));
        Assert.True(_queue.HasRoomFor(Info, 0));
        _queue.Add(SlotOf(Info));
        Assert.False(_queue.HasRoomFor(Append, 0));
        Assert.False(_queue.HasRoomFor(Info, 0));
        Assert.False(_queue.HasRoomFor(null, 0));
        _queue.Answer(Reply(1));
        Assert.True(_queue.HasRoomFor(Append, 0));
    }

    [Fact]
    public void Request_answered_at_once_should_hold_nobody()
    {
        _queue.Add(SlotOf(Info, reply: new Refused(ErrorCode.MalformedRequest, "x", 0)));
        _queue.Add(SlotOf(null, reply: new Refused(ErrorCode.NotSupported, "x", 1)));
        Assert.True(_queue.HasRoomFor(Info, 0));
        Assert.True(_queue.HasReply);
    }

    [Fact]
    public void Window_should_bound_requests_bytes_and_reads()
    {
        Assert.True(_queue.HasRoomFor(Append, 1 << 30));
        _queue.Add(SlotOf(Read, startPosition: 1000));
        Assert.True(_queue.HasRoomFor(Append, 1100));
        Assert.False(_queue.HasRoomFor(Append, 1101));
        _queue.Add(SlotOf(Read, startPosition: 1000));
        Assert.False(_queue.HasRoomFor(Read, 1000));
        for (var index = 0; index < 3; index++) _queue.Add(SlotOf(Append, startPosition: 1000));
        Assert.False(_queue.HasRoomFor(Append, 1000));
        _queue.Answer(Reply(0));
        _queue.Remove();
        Assert.True(_queue.HasRoomFor(Read, 1000));
    }

    [Fact]
    public void Only_one_answer_should_count()
    {
        Assert.False(_queue.Answer(Reply(0)));
        _queue.Add(SlotOf(Append));
        Assert.True(_queue.Answer(Reply(0)));
        Assert.False(_queue.Answer(Reply(0)));
        _queue.Remove();
        Assert.False(_queue.Answer(Reply(0)));
    }

    [Fact]
    public void Overdue_requests_should_be_answered_as_unknown_and_no_others()
    {
        _queue.Add(SlotOf(Append, deadline: 10));
        _queue.Add(SlotOf(Append, deadline: 20));
        _queue.Add(SlotOf(Append, deadline: 30));
        _queue.Answer(Reply(1));
        Assert.Equal(10, _queue.EarliestDeadline);
        _queue.GiveUp(25, _ => "late");
        Assert.Equal(new Refused(ErrorCode.Crash, "late", 0), _queue.Remove().Reply);
        Assert.Equal(Reply(1), _queue.Remove().Reply);
        Assert.False(_queue.HasReply);
    }

    [Theory]
    [InlineData(FailureKind.Unavailable, false)]
    [InlineData(FailureKind.NotOwned, false)]
    [InlineData(FailureKind.NotFound, true)]
    public void Malformed_request_should_be_called_unavailable_where_the_log_is(FailureKind kind, bool isMalformed)
    {
        var slot = SlotOf(Append);
        slot.Problem = "payload must be a string";
        _queue.Add(slot);
        _queue.Answer(new RequestFailed(kind, "locked", 0));
        Assert.Equal(isMalformed, _queue.Remove().Reply is Refused { Code: ErrorCode.MalformedRequest });
    }

    [Fact]
    public void Slots_should_be_used_again_for_ever()
    {
        for (long sequence = 0; sequence < 1000; sequence++)
        {
            Assert.Equal(sequence, _queue.NextSequence);
            _queue.Add(SlotOf(Append));
            if (sequence < 3) continue;
            Assert.True(_queue.Answer(Reply(sequence - 3)));
            Assert.Equal(sequence - 3, _queue.Remove().Reply!.RequestId);
        }
    }

    [Fact]
    public void Records_should_be_bounded_by_their_bytes()
    {
        var queue = new ReplyQueue(new NodeSettings { WindowReads = 4, WindowReadBytes = 400 });
        for (var index = 0; index < 4; index++) queue.Add(SlotOf(Read));
        queue.Answer(new RecordRead(0, new byte[10], 0));
        for (var index = 1; index < 4; index++) Assert.True(queue.Answer(new RecordTooLarge(index, 300, index)));
        Assert.Equal(new Read(1, 1), queue.DequeueRead());
        Assert.Null(queue.DequeueRead());
        Assert.False(queue.Answer(new RecordRead(0, new byte[10], 0)));
        queue.Answer(new RecordRead(1, new byte[300], 1));
        Assert.Null(queue.DequeueRead());
        queue.Remove();
        queue.Remove();
        Assert.Equal(new Read(2, 2), queue.DequeueRead());
        queue.Answer(new RecordRead(2, new byte[300], 2));
        Assert.Null(queue.DequeueRead());
        Assert.True(queue.HasReply);
    }

    [Fact]
    public void Record_larger_than_all_should_be_read_alone_or_once_its_reply_is_next()
    {
        var queue = new ReplyQueue(new NodeSettings { WindowReads = 4, WindowReadBytes = 400 });
        queue.Add(SlotOf(Append));
        queue.Add(SlotOf(Read));
        queue.Add(SlotOf(Read));
        queue.Answer(new RecordTooLarge(1, 1000, 1));
        queue.Answer(new RecordRead(2, new byte[100], 2));
        Assert.Null(queue.DequeueRead());
        queue.Answer(Reply(0));
        queue.Remove();
        Assert.Equal(new Read(1, 1), queue.DequeueRead());
        Assert.False(queue.HasRoomFor(Read, 0));
    }

    [Fact]
    public void Deadlines_should_come_in_the_order_of_the_requests()
    {
        Assert.Equal(long.MaxValue, _queue.EarliestDeadline);
        Assert.Equal(5, _queue.DeadlineBehindLast(5));
        _queue.Add(SlotOf(Append, deadline: 10));
        Assert.Equal(10, _queue.DeadlineBehindLast(5));
        Assert.Equal(15, _queue.DeadlineBehindLast(15));
    }

    [Fact]
    public void Read_that_waits_for_room_should_be_given_up_as_any_other()
    {
        var queue = new ReplyQueue(new NodeSettings { WindowReads = 4, WindowReadBytes = 400 });
        queue.Add(SlotOf(Append, deadline: 5));
        queue.Add(SlotOf(Read, deadline: 5));
        queue.Answer(new RecordTooLarge(1, 1000, 1));
        queue.Answer(Reply(0));
        queue.Remove();
        Assert.NotNull(queue.DequeueRead());
        queue.GiveUp(7, _ => "late");
        Assert.True(queue.HasReply);
        Assert.Null(queue.DequeueRead());
    }
}
