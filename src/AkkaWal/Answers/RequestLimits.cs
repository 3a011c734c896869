using AkkaWal.Protocol;
using AkkaWal.Protocol.Internal;
using AkkaWal.Storage;

namespace AkkaWal.Answers;

/// <summary>
/// The limits of requests. A request that exceeds them is refused before anything else is done with it.
/// </summary>
internal static class RequestLimits
{
    /// <summary>The longest name of a consumer, in characters.</summary>
    internal const int MaxNameLength = 256;

    /// <summary>The longest file name in a request, in characters. The names of segments are shorter.</summary>
    internal const int MaxFileLength = 64;

    /// <summary>Why a request is invalid regardless of the log's contents; null if it is valid.</summary>
    /// <param name="request">The request. Any of its fields may be null or out of range.</param>
    /// <param name="options">The log's options.</param>
    internal static string? Explain(LogRequest request, WalOptions options) => request switch
    {
        Append { ExpectedOffset: < 0 } or AppendBatch { ExpectedOffset: < 0 } => "expected_offset must be 0 or more",
        Append append => append.Payload.Length <= options.MaxPayloadBytes
            ? null
            : $"the payload has {append.Payload.Length} bytes: at most {options.MaxPayloadBytes} are allowed",
        Read or Locate or SyncLog or GetLogInfo or SealActiveSegment or TruncateBefore or CancelWait => null,
        AppendBatch batch => BatchLimits.Explain(batch.Payloads, options),
        ReadBatch { MaxRecords: < 1 } or ReadBatch { MaxBytes: < 1 } => "max_records and max_bytes must be at least 1",
        ReadBatch batch => Enum.IsDefined(batch.Gaps) ? null : $"there is no gap policy {(int)batch.Gaps}",
        AwaitRecord { Offset: < 0 } wait => $"a record is awaited at an offset of 0 or more, not {wait.Offset}",
        AwaitRecord wait => wait.MaxWait > TimeSpan.Zero && wait.MaxWait <= AwaitRecord.LongestWait
            ? null
            : $"a wait is longer than zero, and {AwaitRecord.LongestWait} at most",
        GetSegments list => list is { FromOffset: >= 0, MaxCount: >= 1 }
            ? null
            : "a list of segments starts at an offset of 0 or more and has at least 1",
        SetSegmentLimit limit => limit.MaxSegmentBytes is >= 1 and <= WalOptions.LargestSegmentBytes
            ? null
            : $"max_segment_bytes must be an integer from 1 to {WalOptions.LargestSegmentBytes}",
        DeleteSegment deletion => ExplainFile(deletion.File),
        CompressSegment compression => ExplainFile(compression.File),
        ArchiveSegment archiving => ExplainFile(archiving.File),
        HoldFloor { Offset: < 0 } floor => $"a floor is at an offset of 0 or more, not {floor.Offset}",
        HoldFloor floor => ExplainName(floor.Name),
        ReleaseFloor release => ExplainName(release.Name),
        RequestTooLarge large => large.Reason,
        _ => $"{request.GetType().Name} is no request of the log",
    };

    private static string? ExplainFile(string? file) => file switch
    {
        null => "the segment's file name is missing",
        { Length: > MaxFileLength } =>
            $"the file name has {file.Length} characters: no segment's has more than {MaxFileLength}",
        _ => null,
    };

    private static string? ExplainName(string? name) => name switch
    {
        null or "" => "a floor needs its consumer's name",
        { Length: > MaxNameLength } =>
            $"the consumer's name has {name.Length} characters: at most {MaxNameLength} are allowed",
        _ => null,
    };
}
