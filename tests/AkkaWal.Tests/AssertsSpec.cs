using System.Diagnostics;

namespace AkkaWal.Tests;

public sealed class AssertsSpec
{
    [Fact]
    public void Assertion_that_fails_should_end_the_run_and_throw_nothing_that_an_actor_could_catch() =>
        Assert.IsType<AssertsEndTheRun>(Assert.Single(Trace.Listeners.Cast<TraceListener>()));
}
