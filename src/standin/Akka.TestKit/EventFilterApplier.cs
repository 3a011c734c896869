using Akka.Actor;
using Akka.Event;

namespace Akka.TestKit;

public interface IUnmutableFilter : IDisposable
{
    void Unmute();
}

/// <summary>An expectation fails where fewer events come, and where more have come, than it says.</summary>
public interface IEventFilterApplier
{
    void ExpectOne(Action action, CancellationToken cancellationToken = default);

    void ExpectOne(TimeSpan timeout, Action action, CancellationToken cancellationToken = default);

    void Expect(int expectedCount, Action action, CancellationToken cancellationToken = default);

    void Expect(int expectedCount, TimeSpan timeout, Action action, CancellationToken cancellationToken = default);

    T ExpectOne<T>(Func<T> func, CancellationToken cancellationToken = default);

    Task ExpectOneAsync(Func<Task> actionAsync, CancellationToken cancellationToken = default);

    Task ExpectAsync(int expectedCount, Func<Task> actionAsync, CancellationToken cancellationToken = default);

    void Mute(Action action, CancellationToken cancellationToken = default);

    IUnmutableFilter Mute();
}

internal sealed class EventFilterApplier(TestKitBase testkit, ActorSystem system, Predicate<LogEvent> isMatch, string description) : IEventFilterApplier
{
    public void ExpectOne(Action action, CancellationToken cancellationToken = default) => Expect(1, action, cancellationToken);

    public void ExpectOne(TimeSpan timeout, Action action, CancellationToken cancellationToken = default) => Expect(1, timeout, action, cancellationToken);

    public void Expect(int expectedCount, Action action, CancellationToken cancellationToken = default) =>
        Expect(expectedCount, testkit.Dilated(testkit.TestKitSettings.TestEventFilterLeeway), action, cancellationToken);

    public void Expect(int expectedCount, TimeSpan timeout, Action action, CancellationToken cancellationToken = default)
    {
        var filter = new EventFilter(isMatch, description);
        using (new Muted(system, filter))
        {
            action();
            Await(filter, expectedCount, timeout, cancellationToken);
        }
    }

    public T ExpectOne<T>(Func<T> func, CancellationToken cancellationToken = default)
    {
        T result = default;
        ExpectOne(() => { result = func(); }, cancellationToken);
        return result;
    }

    public Task ExpectOneAsync(Func<Task> actionAsync, CancellationToken cancellationToken = default) => ExpectAsync(1, actionAsync, cancellationToken);

    public async Task ExpectAsync(int expectedCount, Func<Task> actionAsync, CancellationToken cancellationToken = default)
    {
        var filter = new EventFilter(isMatch, description);
        using (new Muted(system, filter))
        {
            await actionAsync();
            Await(filter, expectedCount, testkit.Dilated(testkit.TestKitSettings.TestEventFilterLeeway), cancellationToken);
        }
    }

    public void Mute(Action action, CancellationToken cancellationToken = default)
    {
        using (Mute())
            action();
    }

    public IUnmutableFilter Mute() => new Muted(system, new EventFilter(isMatch, description));

    private void Await(EventFilter filter, int expected, TimeSpan timeout, CancellationToken cancellationToken)
    {
        for (var end = TestKitBase.Now + timeout; filter.Matches < expected && TestKitBase.Now < end; Thread.Sleep(1))
            cancellationToken.ThrowIfCancellationRequested();
        if (filter.Matches != expected)
            testkit.Assert.Fail("Expected {0} events matching [{1}] within {2}, received {3}", expected, filter, timeout, filter.Matches);
    }

    /// <summary>Told to the listeners through the event stream, so that it is ahead of every event that is caused from now on.</summary>
    private sealed class Muted : IUnmutableFilter
    {
        private readonly ActorSystem _system;
        private readonly EventFilter _filter;

        public Muted(ActorSystem system, EventFilter filter)
        {
            _system = system;
            _filter = filter;
            system.EventStream.Publish(new MuteFilter(filter));
        }

        public void Unmute() => _system.EventStream.Publish(new UnmuteFilter(_filter));

        public void Dispose() => Unmute();
    }
}
