using System.Diagnostics;
using Akka.Actor;
using AkkaWal.Benchmarks.Harness;
using AkkaWal.Protocol;

namespace AkkaWal.Benchmarks.Subjects;

/// <summary>
/// Actors that send the next request at each reply: first unmeasured, then for as long as a contender runs. A request's
/// id is the time at which it was sent. The reply has the same id.
/// </summary>
/// <param name="context">The run.</param>
/// <param name="request">Makes a request that carries an id.</param>
internal sealed class Load(BenchContext context, Func<long, object> request)
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _warmUntil, _end, _finished;
    private int _running;
    private Action _onWarm = static () => { };
    private int _isWarm;

    /// <summary>The latencies of the measured replies.</summary>
    internal Latencies Latencies { get; } = new();

    /// <summary>
    /// Whether the latency of each reply is measured. That slows down a load with millions of replies a second.
    /// </summary>
    internal bool MeasuresLatency { get; init; } = true;

    /// <summary>How long the load is measured.</summary>
    internal TimeSpan Duration { get; init; } = context.Duration;

    /// <summary>Whether a refusal counts as a reply, for instance where records are deleted meanwhile.</summary>
    internal bool CountsRefusals { get; init; }

    internal double ElapsedSeconds => Stopwatch.GetElapsedTime(_warmUntil, _end).TotalSeconds;

    /// <summary>Replies a second.</summary>
    internal Figure Rate => new(Metrics.Rate, _finished / ElapsedSeconds);

    /// <summary>Runs it.</summary>
    /// <param name="system">Where the actors live.</param>
    /// <param name="target">The actor that gets the requests.</param>
    /// <param name="actors">How many there are.</param>
    /// <param name="window">How many requests each has under way.</param>
    /// <param name="onWarm">Called when measuring starts.</param>
    internal void Run(ActorSystem system, IActorRef target, int actors, int window, Action? onWarm = null) =>
        Run(system, [target], actors, window, onWarm);

    /// <summary>
    /// Runs it with several targets. The actors are spread over the targets evenly, give or take one.
    /// </summary>
    internal void Run(
        ActorSystem system, IReadOnlyList<IActorRef> targets, int actors, int window, Action? onWarm = null)
    {
        _onWarm = onWarm ?? _onWarm;
        _running = actors;
        _warmUntil = Stopwatch.GetTimestamp() + (long)(context.WarmUp.TotalSeconds * Stopwatch.Frequency);
        _end = _warmUntil + (long)(Duration.TotalSeconds * Stopwatch.Frequency);
        var props = targets.Select(target => Props.Create(() => new Sender(this, target, window))).ToList();
        var senders = Enumerable.Range(0, actors).Select(i => system.ActorOf(props[i % props.Count])).ToList();
        foreach (var sender in senders) sender.Tell(Start.Instance);
        if (!_done.Task.Wait(TimeSpan.FromMinutes(5))) throw new TimeoutException("a reply never came");
        _done.Task.GetAwaiter().GetResult();
    }

    private sealed record Start
    {
        internal static readonly Start Instance = new();
    }

    private sealed class Sender(Load load, IActorRef target, int window) : UntypedActor
    {
        private int _underWay;
        private long _count;

        protected override void OnReceive(object message)
        {
            switch (message)
            {
                case Start:
                    for (var i = 0; i < window; i++) Send(Stopwatch.GetTimestamp());
                    break;
                case RequestFailed failed when !load.CountsRefusals:
                    load._done.TrySetException(new InvalidOperationException(failed.Reason));
                    break;
                case LogReply reply:
                    Take(reply);
                    break;
            }
        }

        private void Take(LogReply reply)
        {
            var now = Stopwatch.GetTimestamp();
            if (now >= load._warmUntil && now < load._end)
            {
                if (load._isWarm == 0 && Interlocked.Exchange(ref load._isWarm, 1) == 0) load._onWarm();
                _count++;
                if (load.MeasuresLatency) load.Latencies.Add(reply.RequestId, now);
            }
            _underWay--;
            if (now < load._end) Send(now);
            else if (_underWay == 0)
            {
                Interlocked.Add(ref load._finished, _count);
                if (Interlocked.Decrement(ref load._running) == 0) load._done.TrySetResult();
            }
        }

        private void Send(long now)
        {
            _underWay++;
            target.Tell(load.NewRequest(now), Self);
        }
    }

    private object NewRequest(long id) => request(id);
}
