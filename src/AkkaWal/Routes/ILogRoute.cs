using Akka.Actor;
using AkkaWal.Protocol;

namespace AkkaWal.Routes;

/// <summary>Sends a client's requests to their log and returns the replies. For any number of threads.</summary>
internal interface ILogRoute
{
    /// <summary>The log's path, for messages to operators.</summary>
    string Path { get; }

    /// <summary>The log's name in traces.</summary>
    string Name { get; }

    /// <summary>Sends a request and waits for its reply. The task is awaited once.</summary>
    /// <exception cref="WalRequestException">The log can't be found.</exception>
    /// <exception cref="AskTimeoutException">No reply came in time.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    ValueTask<LogReply> Ask(LogRequest request, TimeSpan timeout, CancellationToken cancellation);
}
