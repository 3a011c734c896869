using System.Diagnostics.CodeAnalysis;
using Akka.Actor;
using AkkaWal.Answers;
using AkkaWal.Protocol;
using AkkaWal.Protocol.Internal;

namespace AkkaWal.Segment.Commit;

/// <summary>
/// Carries out the long reads of one active segment on the read dispatcher, since the segment's own thread commits. It
/// is a child of the segment's actor, and so stops before a recovery begins.
/// </summary>
/// <param name="metrics">The log's.</param>
internal sealed class TailReader(LogMetrics metrics) : UntypedActor
{
    [SuppressMessage(
        "Design", "CA1031",
        Justification = "Whatever went wrong: its asker is answered, and then it goes on as it came.")]
    protected override void OnReceive(object message)
    {
        if (message is not ReadTail read)
        {
            if (message is Leave) Context.Stop(Self);
            else Unhandled(message);
            return;
        }
        try
        {
            RecordQueries.Answer(
                read.Query,
                read.Asker,
                read.Records,
                read.BaseOffset,
                read.Records.End.NextOffset,
                null,
                Self,
                metrics);
        }
        catch (Exception e)
        {
            var reason = $"the segment's reader crashed: {e.Message}";
            Requests.Refuse(read.Query, read.Asker, FailureKind.Unavailable, reason, Self, metrics);
            throw;
        }
    }
}
