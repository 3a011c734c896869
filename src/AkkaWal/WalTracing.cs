using System.Diagnostics;
using AkkaWal.Protocol;

namespace AkkaWal;

/// <summary>
/// Activities of the append and read requests of a <see cref="WalClient"/>, on the source named
/// <see cref="SourceName"/>. There are none without a listener.
/// </summary>
/// <remarks>
/// An activity lasts until the reply arrives. It has the tag <see cref="WalMetrics.LogTag"/>, and the other tags of
/// this class if their values are known. If the request fails, it has the status Error and the tag
/// <see cref="WalMetrics.KindTag"/>.
/// </remarks>
public static class WalTracing
{
    /// <summary>The source's name, for OpenTelemetry's AddSource.</summary>
    public const string SourceName = "AkkaWal";

    /// <summary>The tag with the offset of the first record.</summary>
    public const string OffsetTag = "akkawal.offset";

    /// <summary>The tag with the number of records.</summary>
    public const string RecordsTag = "akkawal.records";

    /// <summary>The tag with the number of payload bytes.</summary>
    public const string BytesTag = "akkawal.bytes";

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>Starts the activity of a request; null without a listener, and for other kinds of requests.</summary>
    /// <param name="request">The request to be sent.</param>
    /// <param name="log">The log's name.</param>
    internal static Activity? Start(LogRequest request, string log)
    {
        if (!Source.HasListeners() || NameOf(request) is not { } name) return null;
        var activity = Source.StartActivity(name, ActivityKind.Client);
        activity?.SetTag(WalMetrics.LogTag, log);
        if (request is Append append) Describe(activity, null, 1, append.Payload.Length);
        if (request is AppendBatch batch)
            Describe(activity, null, batch.Payloads.Count, batch.Payloads.Sum(payload => (long)payload.Length));
        return activity;
    }

    /// <summary>Adds the reply's tags to an activity, if there is one.</summary>
    internal static void Note(Activity? activity, LogReply reply)
    {
        if (activity is null) return;
        switch (reply)
        {
            case Appended appended:
                activity.SetTag(OffsetTag, appended.Offset);
                break;
            case BatchAppended appended:
                activity.SetTag(OffsetTag, appended.FirstOffset);
                break;
            case RecordRead read:
                Describe(activity, read.Offset, 1, read.Payload.Length);
                break;
            case BatchRead read:
                Describe(activity, read.FirstOffset, read.Payloads.Count, read.Payloads.Sum(one => (long)one.Length));
                break;
            case RequestFailed failed:
                NoteFailure(activity, failed.Kind, failed.Reason);
                break;
            case RecordDamaged damaged:
                NoteFailure(activity, FailureKind.Unavailable, damaged.Reason);
                break;
        }
    }

    /// <summary>Marks an activity as failed, if there is one.</summary>
    internal static void NoteFailure(Activity? activity, FailureKind kind, string reason)
    {
        activity?.SetTag(WalMetrics.KindTag, kind.ToString());
        activity?.SetStatus(ActivityStatusCode.Error, reason);
    }

    private static string? NameOf(LogRequest request) => request switch
    {
        Append or AppendBatch => "akkawal.append",
        Read or ReadBatch => "akkawal.read",
        _ => null,
    };

    private static void Describe(Activity? activity, long? offset, int records, long bytes)
    {
        if (offset is not null) activity?.SetTag(OffsetTag, offset);
        activity?.SetTag(RecordsTag, records);
        activity?.SetTag(BytesTag, bytes);
    }
}
