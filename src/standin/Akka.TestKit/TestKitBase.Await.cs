using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;

namespace Akka.TestKit;

public abstract partial class TestKitBase
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(10);

    public void Within(TimeSpan max, Action action, TimeSpan? epsilonValue = null, CancellationToken cancellationToken = default) =>
        Within(TimeSpan.Zero, max, action, null, epsilonValue, cancellationToken);

    public void Within(TimeSpan min, TimeSpan max, Action action, string hint = null, TimeSpan? epsilonValue = null, CancellationToken cancellationToken = default) =>
        Within<object>(
            min,
            max,
            () =>
            {
                action();
                return null;
            },
            hint,
            epsilonValue,
            cancellationToken);

    public T Within<T>(TimeSpan max, Func<T> function, TimeSpan? epsilonValue = null, CancellationToken cancellationToken = default) =>
        Within(TimeSpan.Zero, max, function, null, epsilonValue, cancellationToken);

    /// <summary>The expectations inside share what is left of the time.</summary>
    public T Within<T>(TimeSpan min, TimeSpan max, Func<T> function, string hint = null, TimeSpan? epsilonValue = null, CancellationToken cancellationToken = default)
    {
        var start = Now;
        var outerEnd = _end;
        var limit = Dilated(max);
        if (outerEnd is { } outer && outer - start < limit)
            limit = outer - start;
        _end = start + limit;
        T result;
        try
        {
            result = function();
        }
        finally
        {
            _end = outerEnd;
        }

        var elapsed = Now - start;
        _assertions.AssertTrue(elapsed >= min, "Over after {0}, earlier than {1}. {2}", elapsed, min, hint);
        _assertions.AssertTrue(elapsed <= limit + (epsilonValue ?? TimeSpan.Zero), "Over after {0}, later than {1}. {2}", elapsed, limit, hint);
        return result;
    }

    public void AwaitCondition(Func<bool> conditionIsFulfilled, CancellationToken cancellationToken = default) =>
        AwaitCondition(conditionIsFulfilled, null, null, null, cancellationToken);

    public void AwaitCondition(Func<bool> conditionIsFulfilled, TimeSpan? max, CancellationToken cancellationToken = default) =>
        AwaitCondition(conditionIsFulfilled, max, null, null, cancellationToken);

    public void AwaitCondition(Func<bool> conditionIsFulfilled, TimeSpan? max, TimeSpan? interval, string message = null, CancellationToken cancellationToken = default)
    {
        var limit = RemainingOrDilated(max);
        for (var end = Now + limit; !conditionIsFulfilled(); Thread.Sleep(interval ?? PollInterval))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Now >= end)
                _assertions.Fail("The condition did not come true within {0}. {1}", limit, message);
        }
    }

    public Task AwaitConditionAsync(Func<Task<bool>> conditionIsFulfilled, CancellationToken cancellationToken = default) =>
        AwaitConditionAsync(conditionIsFulfilled, null, cancellationToken);

    public async Task AwaitConditionAsync(Func<Task<bool>> conditionIsFulfilled, TimeSpan? max, CancellationToken cancellationToken = default)
    {
        var limit = RemainingOrDilated(max);
        for (var end = Now + limit; !await conditionIsFulfilled(); await Task.Delay(PollInterval, cancellationToken))
        {
            if (Now >= end)
                _assertions.Fail("The condition did not come true within {0}.", limit);
        }
    }

    /// <summary>Until it throws no more.</summary>
    public void AwaitAssert(Action assertion, TimeSpan? duration = null, TimeSpan? interval = null, CancellationToken cancellationToken = default)
    {
        var end = Now + RemainingOrDilated(duration);
        while (FailureOf(assertion) is { } failure)
        {
            ThrowAfter(failure, end, cancellationToken);
            Thread.Sleep(interval ?? PollInterval);
        }
    }

    public async Task AwaitAssertAsync(Func<Task> assertion, TimeSpan? duration = null, TimeSpan? interval = null, CancellationToken cancellationToken = default)
    {
        var end = Now + RemainingOrDilated(duration);
        while (await FailureOf(assertion) is { } failure)
        {
            ThrowAfter(failure, end, cancellationToken);
            await Task.Delay(interval ?? PollInterval, cancellationToken);
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "an assertion is an exception of any kind")]
    private static Exception FailureOf(Action assertion)
    {
        try
        {
            assertion();
        }
        catch (Exception e)
        {
            return e;
        }

        return null;
    }

    [SuppressMessage("Design", "CA1031", Justification = "an assertion is an exception of any kind")]
    private static async Task<Exception> FailureOf(Func<Task> assertion)
    {
        try
        {
            await assertion();
        }
        catch (Exception e)
        {
            return e;
        }

        return null;
    }

    private void ThrowAfter(Exception failure, TimeSpan end, CancellationToken cancellationToken)
    {
        if (Now >= end)
            ExceptionDispatchInfo.Throw(failure);
        cancellationToken.ThrowIfCancellationRequested();
    }
}
