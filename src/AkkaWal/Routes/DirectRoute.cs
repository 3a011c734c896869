using System.Diagnostics;
using Akka.Actor;
using AkkaWal.Configuration;
using AkkaWal.Protocol;

namespace AkkaWal.Routes;

/// <summary>The route to a log's manager, which is looked up for each request.</summary>
/// <param name="find">Finds the manager; null while the log is closed. For any thread.</param>
/// <param name="path">The manager's path.</param>
internal sealed class DirectRoute(Func<ICanTell?> find, ActorPath path) : ILogRoute
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(200);

    // If two threads make one at once, either will do.
    private ActorPath? _askerPath;
    private AskDeadlines? _deadlines;

    public string Path { get; } = path.ToString();

    public string Name { get; } = LogPaths.NameOf(path);

    /// <summary>The route to a manager whose reference is known.</summary>
    internal static DirectRoute To(IActorRef log)
    {
        ArgumentNullException.ThrowIfNull(log);
        return new DirectRoute(() => log, log.Path);
    }

    public ValueTask<LogReply> Ask(LogRequest request, TimeSpan timeout, CancellationToken cancellation) =>
        TryFind() is { } log
            ? Ask(log, request, timeout, cancellation)
            : new ValueTask<LogReply>(AskOnceOpen(request, timeout, cancellation));

    // The log was closed, and may be opened again.
    private async Task<LogReply> AskOnceOpen(LogRequest request, TimeSpan timeout, CancellationToken cancellation)
    {
        var pauses = new RetryPauses(FirstPause, LongestPause, timeout);
        while (await pauses.TryPause(cancellation).ConfigureAwait(false) && pauses.Left > TimeSpan.Zero)
        {
            if (TryFind() is { } log)
                return await AskAny(log, request, pauses.Left, cancellation).ConfigureAwait(false);
        }
        throw Unavailable($"the log {Name} was closed, and was not opened again within {timeout}");
    }

    private ValueTask<LogReply> Ask(
        ICanTell log, LogRequest request, TimeSpan timeout, CancellationToken cancellation)
    {
        if (LocalAsker.CanAsk(log, request))
        {
            var local = (ActorRefWithCell)log;
            var path = _askerPath ??= local.Provider.TempPath();
            var deadlines = _deadlines ??= new AskDeadlines(timeout);
            Debug.Assert(deadlines.Timeout == timeout, "a client's requests may all wait equally long");
            return LocalAsker.Ask(local, path, request, deadlines, cancellation);
        }
        return new ValueTask<LogReply>(AskAny(log, request, timeout, cancellation));
    }

    // For any log, wherever it is.
    private static Task<LogReply> AskAny(
        ICanTell log, LogRequest request, TimeSpan timeout, CancellationToken cancellation) =>
        request is AwaitRecord wait
            ? CancellableWait.Ask(log, wait, static request => request, timeout, cancellation)
            : log.Ask<LogReply>(request, timeout, cancellation);

    private ICanTell? TryFind()
    {
        try
        {
            return find();
        }
        catch (Exception e) when (e is WalConfigException or InvalidOperationException)
        {
            throw Unavailable($"the log {Name} cannot be opened: {e.Message}");
        }
    }

    private WalRequestException Unavailable(string reason) => new(FailureKind.Unavailable, reason, Path);
}
