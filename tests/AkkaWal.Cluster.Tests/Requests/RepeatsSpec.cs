using System.Text;
using AkkaWal.Cluster.Client;
using AkkaWal.Protocol;

namespace AkkaWal.Cluster.Tests.Requests;

/// <summary>Which requests may be sent again, and the outcome of a conditional append that was.</summary>
public sealed class RepeatsSpec
{
    private readonly List<string> _log = ["zero", "one", "two"];

    [Fact]
    public void Only_what_does_no_harm_should_be_sent_again_where_it_may_have_happened()
    {
        Assert.True(Repeats.IsHarmless(new Append(Bytes("x")) { ExpectedOffset = 0 }));
        Assert.True(Repeats.IsHarmless(new AppendBatch([Bytes("x")]) { ExpectedOffset = 0 }));
        Assert.True(Repeats.IsHarmless(new Read(0)));
        Assert.True(Repeats.IsHarmless(new ReadBatch(0)));
        Assert.True(Repeats.IsHarmless(new GetLogInfo()));
        Assert.False(Repeats.IsHarmless(new Append(Bytes("x"))));
        Assert.False(Repeats.IsHarmless(new AppendBatch([Bytes("x")])));
        Assert.False(Repeats.IsHarmless(new SealActiveSegment()));
        Assert.False(Repeats.IsHarmless(new DeleteSegment("00000000.log")));
    }

    [Fact]
    public async Task Append_should_have_happened_where_its_bytes_are_at_its_offset()
    {
        var append = new Append(Bytes("one"), 7) { ExpectedOffset = 1 };
        Assert.Equal(new Appended(1, 7), await Resolve(append));
        var batch = new AppendBatch([Bytes("one"), Bytes("two")], 7) { ExpectedOffset = 1 };
        Assert.Equal(new BatchAppended(1, 2, 7), await Resolve(batch));
    }

    [Fact]
    public async Task Append_should_not_have_happened_where_other_bytes_are_at_its_offset()
    {
        await AssertRefused(new Append(Bytes("else"), 7) { ExpectedOffset = 1 });
        await AssertRefused(new AppendBatch([Bytes("one"), Bytes("else")], 7) { ExpectedOffset = 1 });
        // A batch is there as a whole or not at all. Behind its first record the log is too short for it.
        await AssertRefused(new AppendBatch([Bytes("two"), Bytes("three")], 7) { ExpectedOffset = 2 });
        // The log is shorter than was expected.
        await AssertRefused(new Append(Bytes("nine"), 7) { ExpectedOffset = 9 });
    }

    [Fact]
    public async Task Append_should_stay_unknown_where_the_log_can_not_be_read()
    {
        var append = new Append(Bytes("one"), 7) { ExpectedOffset = 1 };
        var reply = await Repeats.Resolve(append, Precondition(append), Fail, CancellationToken.None);
        Assert.Equal(FailureKind.OutcomeUnknown, Assert.IsType<RequestFailed>(reply).Kind);

        static Task<LogReply> Fail(LogRequest question) =>
            Task.FromResult<LogReply>(new RequestFailed(FailureKind.NotFound, "deleted", question.RequestId));
    }

    [Fact]
    public async Task Append_should_stay_unknown_where_its_repetition_failed_for_another_reason()
    {
        // Perhaps the disk is full because the earlier try has written to it.
        var append = new Append(Bytes("one"), 7) { ExpectedOffset = 1 };
        var full = new RequestFailed(FailureKind.Aborted, "no room", 7);
        var reply = await Repeats.Resolve(append, full, Answer, CancellationToken.None);
        Assert.Equal(FailureKind.OutcomeUnknown, Assert.IsType<RequestFailed>(reply).Kind);
        // The outcome of earlier tries of a question does not matter.
        Assert.Same(full, await Repeats.Resolve(new GetLogInfo(7), full, Answer, CancellationToken.None));
    }

    private async Task AssertRefused(LogRequest append) => Assert.Equal(Precondition(append), await Resolve(append));

    private Task<LogReply> Resolve(LogRequest append) =>
        Repeats.Resolve(append, Precondition(append), Answer, CancellationToken.None);

    private RequestFailed Precondition(LogRequest append) =>
        new(FailureKind.Precondition, "another offset is next", append.RequestId) { NextOffset = _log.Count };

    // It returns one record at a time. A log may do so, too.
    private Task<LogReply> Answer(LogRequest question)
    {
        var batch = Assert.IsType<ReadBatch>(question);
        ReadOnlyMemory<byte>[] payloads = [Bytes(_log[(int)batch.Offset])];
        return Task.FromResult<LogReply>(new BatchRead(batch.Offset, payloads, batch.RequestId));
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
