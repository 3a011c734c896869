using System.Diagnostics;
using AkkaWal.Cluster.Example.Processes;

namespace AkkaWal.Cluster.Tests.Processes;

/// <summary>The steps of a fail-over, from what the nodes tell.</summary>
public sealed class TimelineSpec
{
    private readonly Timeline _timeline = new();

    [Fact]
    public void Steps_should_be_those_of_the_node_that_went_and_of_the_logs_that_were_opened_after_that()
    {
        _timeline.Add("other", "opened 0.001");
        var wentAt = Stopwatch.GetTimestamp();
        _timeline.Add("third", Timeline.Unreachable);
        _timeline.Add("node", Timeline.Unreachable);
        // Its actor was started an hour before, so this opening does not belong to the fail-over.
        _timeline.Add("other", "opened 3600.000");
        _timeline.Add("node", Timeline.Removed);
        _timeline.Add("node", "opened 0.000");
        _timeline.Add("other", "opened 0.000");
        var answeredAt = Stopwatch.GetTimestamp();
        _timeline.Add("other", "opened 0.000");

        var after = _timeline.After(wentAt);
        TimeSpan Since(int happening) => Stopwatch.GetElapsedTime(wentAt, after[happening].At);
        var steps = _timeline.Steps("node", wentAt, answeredAt);
        Assert.Equal(
            new FailoverSteps(
                Since(1), Since(3), Since(5), Since(5), Stopwatch.GetElapsedTime(wentAt, answeredAt)),
            steps);
        Assert.Equal(steps.Answered, steps.Times.Aggregate(TimeSpan.Zero, (sum, step) => sum + step.Time!.Value));
    }

    [Fact]
    public void Step_that_was_not_seen_should_have_no_time()
    {
        var wentAt = Stopwatch.GetTimestamp();
        _timeline.Add("node", Timeline.Removed);
        var steps = _timeline.Steps("node", wentAt, Stopwatch.GetTimestamp());
        Assert.Null(steps.Detected);
        Assert.NotNull(steps.Removed);
        Assert.Equal([null, null, null, null, null], steps.Times.Select(step => step.Time));
        Assert.StartsWith("detected after -, removed 0.0 s, last log started - and open -", $"{steps}");
    }
}
