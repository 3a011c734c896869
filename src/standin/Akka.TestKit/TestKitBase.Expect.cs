using Akka.Actor;

namespace Akka.TestKit;

public abstract partial class TestKitBase
{
    public T ExpectMsg<T>(TimeSpan? duration = null, string hint = null, CancellationToken cancellationToken = default) =>
        Expect<T>(duration, hint, null, cancellationToken);

    public T ExpectMsg<T>(T message, TimeSpan? timeout = null, string hint = null, CancellationToken cancellationToken = default) =>
        Expect<T>(timeout, hint, Equal(message, hint), cancellationToken);

    public T ExpectMsg<T>(Predicate<T> isMessage, TimeSpan? timeout = null, string hint = null, CancellationToken cancellationToken = default) =>
        Expect<T>(timeout, hint, Matching(isMessage, hint), cancellationToken);

    public T ExpectMsg<T>(Action<T> assert, TimeSpan? timeout = null, string hint = null, CancellationToken cancellationToken = default) =>
        Expect<T>(timeout, hint, (message, _) => assert(message), cancellationToken);

    public T ExpectMsg<T>(Action<T, IActorRef> assertMessageAndSender, TimeSpan? timeout = null, string hint = null, CancellationToken cancellationToken = default) =>
        Expect(timeout, hint, assertMessageAndSender, cancellationToken);

    public ValueTask<T> ExpectMsgAsync<T>(TimeSpan? duration = null, string hint = null, CancellationToken cancellationToken = default) =>
        ExpectAsync<T>(duration, hint, null, cancellationToken);

    public ValueTask<T> ExpectMsgAsync<T>(T message, TimeSpan? timeout = null, string hint = null, CancellationToken cancellationToken = default) =>
        ExpectAsync<T>(timeout, hint, Equal(message, hint), cancellationToken);

    public ValueTask<T> ExpectMsgAsync<T>(Predicate<T> isMessage, TimeSpan? timeout = null, string hint = null, CancellationToken cancellationToken = default) =>
        ExpectAsync<T>(timeout, hint, Matching(isMessage, hint), cancellationToken);

    public ValueTask<T> ExpectMsgAsync<T>(Action<T> assert, TimeSpan? timeout = null, string hint = null, CancellationToken cancellationToken = default) =>
        ExpectAsync<T>(timeout, hint, (message, _) => assert(message), cancellationToken);

    public T ExpectMsgFrom<T>(IActorRef sender, TimeSpan? duration = null, string hint = null, CancellationToken cancellationToken = default) =>
        Expect<T>(duration, hint, From<T>(sender, hint), cancellationToken);

    public T ExpectMsgFrom<T>(IActorRef sender, T message, TimeSpan? timeout = null, string hint = null, CancellationToken cancellationToken = default) =>
        Expect(timeout, hint, From<T>(sender, hint) + Equal(message, hint), cancellationToken);

    public T ExpectMsgAnyOf<T>(IEnumerable<T> messages, CancellationToken cancellationToken = default) =>
        Expect<T>(null, null, (actual, _) => _assertions.AssertTrue(messages.Contains(actual), "Expected any of [{0}], found {1}", string.Join(", ", messages), actual), cancellationToken);

    /// <summary>All of them, in any order, and nothing else between them.</summary>
    public IReadOnlyCollection<T> ExpectMsgAllOf<T>(params T[] messages) => ExpectMsgAllOf(RemainingOrDefault, messages);

    public IReadOnlyCollection<T> ExpectMsgAllOf<T>(TimeSpan max, params T[] messages)
    {
        var left = new List<T>(messages);
        var received = new List<T>();
        foreach (var message in ReceiveN(messages.Length, max))
        {
            if (message is T typed && left.Remove(typed))
                received.Add(typed);
            else
                _assertions.Fail("Found {0} ({1}), while these are still to come: [{2}]", message, message.GetType(), string.Join(", ", left));
        }

        return received;
    }

    public Terminated ExpectTerminated(IActorRef target, TimeSpan? timeout = null, string hint = null, CancellationToken cancellationToken = default) =>
        Expect(timeout, hint, Dead(target), cancellationToken);

    public ValueTask<Terminated> ExpectTerminatedAsync(IActorRef target, TimeSpan? timeout = null, string hint = null, CancellationToken cancellationToken = default) =>
        ExpectAsync(timeout, hint, Dead(target), cancellationToken);

    public void ExpectNoMsg(CancellationToken cancellationToken = default) => RefuseAll(Take(RemainingOrDefault, cancellationToken));

    public void ExpectNoMsg(TimeSpan duration, CancellationToken cancellationToken = default) => RefuseAll(Take(Dilated(duration), cancellationToken));

    public void ExpectNoMsg(int milliseconds, CancellationToken cancellationToken = default) =>
        ExpectNoMsg(TimeSpan.FromMilliseconds(milliseconds), cancellationToken);

    public async ValueTask ExpectNoMsgAsync(TimeSpan duration, CancellationToken cancellationToken = default) =>
        RefuseAll(await TakeAsync(Dilated(duration), cancellationToken));

    private Action<T, IActorRef> Equal<T>(T expected, string hint) =>
        (actual, _) => _assertions.AssertEqual(expected, actual, "{0}", hint ?? "");

    private Action<T, IActorRef> Matching<T>(Predicate<T> isMessage, string hint) => (actual, _) =>
        _assertions.AssertTrue(isMessage(actual), "Found {{{1}}} ({3}), a {2} as expected, but not {0}", hint ?? "one that the predicate accepts", actual, typeof(T).FullName, actual?.GetType().FullName);

    private Action<T, IActorRef> From<T>(IActorRef expected, string hint) => (_, sender) =>
        _assertions.AssertEqual(expected, sender, "{0}", hint ?? "Found another sender");

    private Action<Terminated, IActorRef> Dead(IActorRef target) => (terminated, _) =>
        _assertions.AssertEqual(target, terminated.ActorRef, "Terminated of another actor");

    private void RefuseAll(MessageEnvelope envelope) =>
        _assertions.AssertTrue(envelope is null, "Found {0}, and should have found nothing", envelope);

    private T Expect<T>(TimeSpan? timeout, string hint, Action<T, IActorRef> check, CancellationToken cancellationToken)
    {
        var limit = RemainingOrDilated(timeout);
        return Check(Take(limit, cancellationToken), limit, hint, check);
    }

    private async ValueTask<T> ExpectAsync<T>(TimeSpan? timeout, string hint, Action<T, IActorRef> check, CancellationToken cancellationToken)
    {
        var limit = RemainingOrDilated(timeout);
        return Check(await TakeAsync(limit, cancellationToken), limit, hint, check);
    }

    private T Check<T>(MessageEnvelope envelope, TimeSpan limit, string hint, Action<T, IActorRef> check)
    {
        var suffix = hint is null ? "" : " [" + hint + "]";
        if (envelope is null)
            _assertions.Fail("No {1} came within {0}{2}", limit, typeof(T), suffix);
        if (envelope.Message is not T message)
        {
            _assertions.Fail("Expected a {0}, found {{{1}}} ({2}) from {3}{4}", typeof(T), envelope.Message, envelope.Message.GetType(), envelope.Sender, suffix);
            return default;
        }

        check?.Invoke(message, envelope.Sender);
        return message;
    }
}
