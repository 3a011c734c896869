using Akka.Actor;
using Akka.Configuration;
using AkkaWal.Protocol;

namespace AkkaWal.Serialization;

/// <summary>
/// What one message between nodes may hold. Akka.Remote drops a larger one, and neither of its ends hears of that.
/// </summary>
/// <param name="maxBytes">How many bytes of a message of the log, at most.</param>
internal sealed class RemoteFrame(long maxBytes)
{
    /// <summary>
    /// What a frame holds beside the message: the paths of both ends, the manifest, and what wraps them.
    /// </summary>
    internal const int EnvelopeBytes = 4096;

    // What a record and a segment take in a reply at most, beside the record's payload; and what a reply takes itself.
    private const int RecordBytes = sizeof(int), SegmentBytes = 80, ReplyBytes = 64;

    // The bytes of records that are counted one by one must not eat up the frame.
    private const int LeastBytesPerRecord = 64;

    /// <summary>How many bytes of a message of the log, at most.</summary>
    internal long MaxBytes => maxBytes;

    /// <summary>The limit of a system's transports; none of a system without remoting.</summary>
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

    /// <summary>A batch as its asker can get it, with a first record that is not too large.</summary>
    internal ReadBatch Fit(ReadBatch batch, IActorRef asker)
    {
        if (!IsLimited(asker)) return batch;
        var records = (int)Math.Clamp(maxBytes / LeastBytesPerRecord, 1, batch.MaxRecords);
        var bytes = (int)Math.Clamp(maxBytes - ReplyBytes - (long)records * RecordBytes, 1, batch.MaxBytes);
        return batch with { MaxRecords = records, MaxBytes = bytes };
    }

    /// <summary>How many segments one reply to an asker may list.</summary>
    internal int MostSegments(IActorRef asker) =>
        IsLimited(asker) ? (int)Math.Clamp((maxBytes - ReplyBytes) / SegmentBytes, 1, int.MaxValue) : int.MaxValue;

    private bool IsLimited(IActorRef asker) =>
        maxBytes < long.MaxValue && asker is IInternalActorRef { IsLocal: false };
}
