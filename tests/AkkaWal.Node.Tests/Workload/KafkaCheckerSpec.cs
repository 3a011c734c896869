namespace AkkaWal.Node.Tests.Workload;

public class KafkaCheckerSpec
{
    private readonly List<Done> _history = [];

    private void Send(int value, long offset, int process = 0, Outcome outcome = Outcome.Ok) =>
        _history.Add(new Sent(process, "k", value, offset, outcome));

    private void Poll(int process, int assignment, params (long Offset, int Value)[] messages) =>
        _history.Add(new PolledMessages(process, assignment, new Dictionary<string,
            List<(long, int)>> { ["k"] = [.. messages] }));

    private void ShouldFind(params string[] kinds) =>
        Assert.Equal(kinds,
            KafkaChecker.Check(_history).Select(error => error[..error.IndexOf(':', StringComparison.Ordinal)]));

    [Fact]
    public void History_without_a_fault_should_be_valid()
    {
        Send(1, 0);
        Send(2, 1);
        Send(3, -1, outcome: Outcome.Unknown);
        Send(4, -1, outcome: Outcome.Failed);
        Send(5, 7);
        Poll(1, 1, (0, 1), (1, 2));
        Poll(1, 1, (2, 3), (7, 5));
        Poll(1, 2, (1, 2), (2, 3));
        ShouldFind();
    }

    [Fact]
    public void Two_messages_at_one_offset_should_be_found()
    {
        Send(1, 0);
        Send(2, 0, process: 1);
        Poll(1, 1, (0, 1));
        ShouldFind("inconsistent offsets", "unseen");
    }

    [Fact]
    public void One_message_at_two_offsets_should_be_found()
    {
        Send(1, 0);
        Poll(1, 1, (0, 1), (1, 1));
        ShouldFind("duplicate");
    }

    [Fact]
    public void Message_that_was_refused_and_is_there_should_be_found()
    {
        Send(1, -1, outcome: Outcome.Failed);
        Poll(1, 1, (0, 1));
        ShouldFind("aborted read");
    }

    [Fact]
    public void Lost_and_unseen_messages_should_be_found()
    {
        Send(1, 0);
        Send(2, 1);
        Send(3, 2);
        Poll(1, 1, (1, 2));
        ShouldFind("lost write", "unseen");
    }

    [Fact]
    public void Offset_that_goes_back_for_its_sender_should_be_found()
    {
        Send(1, 5);
        Send(2, 4);
        Poll(1, 1, (4, 2), (5, 1));
        ShouldFind("nonmonotonic send");
    }

    [Fact]
    public void Poll_that_goes_back_or_leaves_something_out_should_be_found_within_an_assignment()
    {
        for (var offset = 0; offset < 4; offset++) Send(offset, offset);
        Poll(1, 1, (0, 0), (1, 1), (2, 2), (3, 3));
        Poll(1, 1, (3, 3));
        Poll(1, 2, (0, 0), (2, 2));
        Poll(2, 1, (1, 1), (0, 0));
        Poll(2, 1, (2, 2));
        ShouldFind("nonmonotonic poll", "poll skip", "nonmonotonic poll", "poll skip");
    }

    [Fact]
    public void Message_that_nobody_sent_should_be_found()
    {
        Poll(1, 1, (0, 1));
        ShouldFind("from nowhere");
    }
}
