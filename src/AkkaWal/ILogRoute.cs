using Akka.Actor;
using AkkaWal.Protocol;

namespace AkkaWal;

/// <summary>
/// How a client's requests reach their log, and how its replies come back. For any number of threads.
/// </summary>
internal interface ILogRoute
{
    /// <summary>Where the log is, for people.</summary>
    string Path { get; }

    /// <summary>The log's name in traces.</summary>
    string Name { get; }

    /// <summary>Sends a request and waits for its reply.</summary>
    /// <exception cref="WalRequestException">The log can't be found.</exception>
    /// <exception cref="AskTimeoutException">No reply came in time.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    Task<LogReply> Ask(LogRequest request, TimeSpan timeout, CancellationToken cancellation);
}
