namespace AkkaWal.Cluster.Tests.History;

/// <summary>The checker finds each kind of violation, and none in a history that agrees.</summary>
public sealed class HistoryCheckerSpec
{
    private readonly HistoryChecker _history = new();

    [Fact]
    public void History_that_agrees_should_have_no_violation()
    {
        var (first, second, lost) = (Acknowledged(0, 0), Acknowledged(1, 1), Begin(2));
        var refused = Begin(3);
        refused.Refused();
        Assert.Empty(_history.Violations("log", [first.Payload, second.Payload]));
        // An append of unknown outcome may be there, once.
        Assert.Empty(_history.Violations("log", [first.Payload, second.Payload, lost.Payload]));
    }

    [Fact]
    public void Hand_over_that_drops_an_acknowledged_record_should_be_found()
    {
        var (first, _, third) = (Acknowledged(0, 0), Acknowledged(1, 1), Acknowledged(2, 2));
        Assert.Equal(
            [
                "a's append 1 to log was acknowledged at 1 and is not there",
                "a's append 2 to log was acknowledged at 2 and is at 1",
            ],
            _history.Violations("log", [first.Payload, third.Payload]).Order());
    }

    [Fact]
    public void Doubled_record_should_be_found()
    {
        var (first, unknown) = (Acknowledged(0, 0), Begin(1));
        Assert.Equal(
            ["a's append 0 to log is there 2 times: at 0, 1"],
            _history.Violations("log", [first.Payload, first.Payload]));
        Assert.Equal(
            ["a's append 1 to log is there 2 times: at 1, 2"],
            _history.Violations("log", [first.Payload, unknown.Payload, unknown.Payload]));
    }

    [Fact]
    public void Record_that_was_refused_should_be_found()
    {
        var refused = Begin(0);
        refused.Refused();
        Assert.Equal(
            ["a's append 0 to log was refused and is there, at 0"], _history.Violations("log", [refused.Payload]));
    }

    [Fact]
    public void Changed_bytes_and_foreign_records_should_be_found()
    {
        var first = Acknowledged(0, 0);
        var other = _history.Begin("other", "a", 0);
        Assert.Equal(2, _history.Violations("log", [ReadOnlyMemory<byte>.Empty]).Count);
        Assert.Single(_history.Violations("log", [first.Payload, other.Payload]));
    }

    [Fact]
    public void Order_that_is_not_that_of_time_should_be_found()
    {
        var (first, second) = (Acknowledged(0, 1), Acknowledged(1, 0));
        Assert.Equal(
            ["a's append 1 to log is at 0, before a's append 0 to log at 1, which had ended"],
            _history.Violations("log", [second.Payload, first.Payload]));
    }

    private HistoryChecker.Entry Acknowledged(int number, long offset)
    {
        var entry = Begin(number);
        entry.Acknowledged(offset);
        return entry;
    }

    private HistoryChecker.Entry Begin(int number) => _history.Begin("log", "a", number);
}
