using Akka.Actor;
using AkkaWal.Protocol;

namespace AkkaWal.Serialization;

/// <summary>
/// The size limit of a message between nodes. Akka.Remote drops a larger one, and neither sender nor receiver gets an
/// error.
/// </summary>
/// <param name="maxBytes">The most bytes of a serialized message of the log.</param>
internal sealed class RemoteFrame(long maxBytes)
{
    /// <summary>
    /// The bytes of a frame around the message: the paths of both ends, the manifest and the envelope.
    /// </summary>
    internal const int EnvelopeBytes = 4096;

    // The most bytes of a record (without its payload) and of a segment in a reply, and of a reply without them.
    private const int RecordBytes = sizeof(int), SegmentBytes = 80, ReplyBytes = 64;

    // The bytes of an append without its payload: its id and the payload's length.
    private const int AppendBytes = sizeof(long) + sizeof(int);

    // Small records need RecordBytes each. This bound keeps most of the frame for payloads.
    private const int LeastBytesPerRecord = 64;

    /// <summary>The most bytes of a serialized message of the log.</summary>
    internal long MaxBytes => maxBytes;

    /// <summary>
    /// The most bytes of a serialized request. A record that was appended from another node must also fit into the
    /// reply to a read.
    /// </summary>
    internal long MaxRequestBytes => maxBytes - ReplyBytes;

    /// <summary>The most bytes of a record that can be appended from another node.</summary>
    internal long MaxPayloadBytes => MaxRequestBytes - AppendBytes;

    /// <summary>The limit of a system's transports. There is none for a system without remoting.</summary>
    internal static RemoteFrame Of(ActorSystem system)
    {
        if (((ExtendedActorSystem)system).Provider is LocalActorRefProvider) return new RemoteFrame(long.MaxValue);
        var config = system.Settings.Config;
        var sizes = config.GetStringList("akka.remote.enabled-transports", [])
            .Select(transport => config.GetByteSize($"{transport}.maximum-frame-size"))
            .Where(size => size is > EnvelopeBytes)
            .Select(size => size!.Value - EnvelopeBytes);
        return new RemoteFrame(sizes.DefaultIfEmpty(long.MaxValue).Min());
    }

    /// <summary>Limits a batch so that its reply fits into a frame, if its first record is not too large.</summary>
    internal ReadBatch Fit(ReadBatch batch, IActorRef asker)
    {
        if (!IsLimited(asker)) return batch;
        var records = (int)Math.Clamp(maxBytes / LeastBytesPerRecord, 1, batch.MaxRecords);
        var bytes = (int)Math.Clamp(maxBytes - ReplyBytes - (long)records * RecordBytes, 1, batch.MaxBytes);
        return batch with { MaxRecords = records, MaxBytes = bytes };
    }

    /// <summary>The most segments in one reply to an asker.</summary>
    internal int MostSegments(IActorRef asker) =>
        IsLimited(asker) ? (int)Math.Clamp((maxBytes - ReplyBytes) / SegmentBytes, 1, int.MaxValue) : int.MaxValue;

    private bool IsLimited(IActorRef asker) =>
        maxBytes < long.MaxValue && asker is IInternalActorRef { IsLocal: false };
}
