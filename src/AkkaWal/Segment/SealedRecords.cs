using Akka.Actor;
using AkkaWal.Answers;
using AkkaWal.Protocol;
using AkkaWal.Protocol.Internal;
using AkkaWal.Storage;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Segment;

/// <summary>Answers reads of a segment that is sealed. Its files are opened by the first read.</summary>
/// <param name="context">The actor's; its memory says which segment it is.</param>
/// <param name="segmentFiles">Where the files are.</param>
internal sealed class SealedRecords(SegmentContext context, SegmentFiles segmentFiles)
{
    private SegmentReader? _reader;

    /// <summary>Answers a query of one of the segment's offsets, and refuses everything else.</summary>
    internal void Answer(ILogMessage message, IActorRef sender)
    {
        if (message is SecondTry again) Answer(again.Query, again.Asker, isSecondTry: true);
        else Answer(message, sender, isSecondTry: false);
    }

    /// <summary>Whether a message is a query of an offset that the segment holds.</summary>
    internal bool IsHeld(ILogMessage message) => context.Memory.Sealed is { } segment
        && message is IRecordQuery query && segment.Range.Contains(query.Offset);

    /// <summary>Whether a message is a query of an offset below another one.</summary>
    internal static bool IsBefore(ILogMessage message, long offset) =>
        message is IRecordQuery query && query.Offset < offset;

    /// <summary>Closes the files; a later read opens them again.</summary>
    internal void Close()
    {
        _reader?.Dispose();
        _reader = null;
    }

    private void Answer(ILogMessage message, IActorRef sender, bool isSecondTry)
    {
        var segment = context.Memory.Sealed!.Value;
        if (message is not IRecordQuery query || !IsHeld(query))
        {
            context.Refuse(message, sender, FailureKind.Unavailable, $"{segment.Info.File} is sealed");
            return;
        }
        try
        {
            _reader ??= SegmentReader.Open(segmentFiles, segment, context.Memory.IndexBudget);
        }
        catch (WalException e)
        {
            // The segment may have been deleted or changed since this actor was started. The manager decides.
            var asker = query.AskerOr(sender);
            context.TellManager(
                new SegmentNotOpened(query, asker, query.RequestId, segment, e) { IsSecondTry = isSecondTry });
            return;
        }
        RecordQueries.Answer(
            query,
            sender,
            _reader.Records,
            segment.BaseOffset,
            segment.NextOffset,
            context.Manager,
            context.Self,
            context.Metrics);
    }
}
