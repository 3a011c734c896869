using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Serialization;
using AkkaWal.Protocol;
using AkkaWal.Protocol.Internal;
using AkkaWal.Storage;

namespace AkkaWal.Serialization;

/// <summary>
/// Serializes the log's messages, for logs that are used from another node. The manifest is a short name for each
/// message that never changes. New fields are only added at a message's end, under a new manifest. If few messages use
/// a new field, the old manifest stays for those that do not, so that older nodes still understand them. An older node
/// drops a message with an unknown manifest and logs an error, so that the asker gets no reply.
/// </summary>
public sealed class WalSerializer : SerializerWithStringManifest
{
    private static readonly Dictionary<Type, Codec> ByType = [];
    private static readonly Dictionary<string, Codec> ByManifest = [];

    static WalSerializer()
    {
        AddAppending();
        AddReading();
        AddDescribing();
        AddMaintaining();
        AddFailing();
        AddSubscribing();
    }

    private RemoteFrame? _frame;

    /// <summary>Called by the actor system, from the bindings in hocon/reference.conf.</summary>
    public WalSerializer(ExtendedActorSystem system) : base(system)
    {
    }

    private delegate object Reader(ref WireReader reader, long requestId);

    // Not set by the constructor, since the system's remoting may not have started then.
    private RemoteFrame Frame => _frame ??= RemoteFrame.Of(system);

    /// <inheritdoc/>
    public override string Manifest(object o) => CodecOf(ThatFits(o).Message).Manifest;

    /// <inheritdoc/>
    public override byte[] ToBinary(object obj) => ToBinary(obj, 0);

    /// <inheritdoc/>
    public override object FromBinary(byte[] bytes, string manifest) => FromBytes(bytes, manifest);

    /// <summary>The bytes of a message behind bytes that the caller fills.</summary>
    internal byte[] ToBinary(object obj, int bytesBefore)
    {
        var (message, count) = ThatFits(obj);
        var bytes = new byte[bytesBefore + count];
        Write(message, new WireWriter(bytes, bytesBefore));
        return bytes;
    }

    /// <summary>The message that bytes and a manifest stand for.</summary>
    internal static object FromBytes(ReadOnlySpan<byte> bytes, string manifest)
    {
        if (!ByManifest.TryGetValue(manifest, out var codec))
            throw new SerializationException($"'{manifest}' is no manifest of AkkaWal");
        var reader = new WireReader(bytes);
        var id = reader.Long();
        return codec.Read(ref reader, id);
    }

    // Akka.Remote would drop a message that does not fit into a frame, and its asker would wait for ever. A refusal is
    // sent instead.
    private (object Message, long LengthBytes) ThatFits(object message)
    {
        var count = Count(message);
        var (kind, room) = message is LogRequest ? ("request", Frame.MaxRequestBytes) : ("reply", Frame.MaxBytes);
        if (count <= room) return (message, count);
        var reason =
            $"{message.GetType().Name} takes {count} bytes, and a {kind} between nodes has room for {room}: "
            + "ask for less, or raise maximum-frame-size below akka.remote on every node "
            + $"(it holds {RemoteFrame.EnvelopeBytes} more)";
        var instead = message switch
        {
            LogRequest request => new RequestTooLarge(reason, request.RequestId),
            LogReply reply => new RequestFailed(FailureKind.Invalid, reason, reply.RequestId),
            _ => message,
        };
        return (instead, Count(instead));
    }

    private static long Count(object message)
    {
        var counter = new WireWriter();
        Write(message, counter);
        return counter.LengthBytes;
    }

    private static void Write(object message, WireWriter writer)
    {
        writer.Long(message switch
        {
            LogRequest request => request.RequestId,
            LogReply reply => reply.RequestId,
            Subscribe request => request.RequestId,
            Subscribed reply => reply.RequestId,
            SubscriptionMessage => 0,
            _ => throw new ArgumentException($"{message.GetType()} is no message of the log", nameof(message)),
        });
        CodecOf(message).Write(message, writer);
    }

    private static Codec CodecOf(object message)
    {
        if (!ByType.TryGetValue(message.GetType(), out var codec))
            throw new ArgumentException($"{message.GetType()} is no message of the log", nameof(message));
        return codec.Fuller is { } fuller && fuller.IsNeeded(message) ? fuller.Codec : codec;
    }

    private static void Add<T>(string manifest, Action<T, WireWriter> write, Reader read)
    {
        var codec = new Codec(manifest, (message, writer) => write((T)message, writer), read);
        ByType.Add(typeof(T), codec);
        ByManifest.Add(manifest, codec);
    }

    private static void AddAppending()
    {
        Add<Append>("a", (m, w) => w.Bytes(m.Payload), static (ref r, id) => new Append(r.Bytes(), id));
        AddFuller<Append>("a2",
            m => m.ExpectedOffset is not null,
            (m, w) => w.Bytes(m.Payload).Long(m.ExpectedOffset!.Value),
            static (ref r, id) => new Append(r.Bytes(), id) { ExpectedOffset = r.Long() });
        Add<Appended>("A", (m, w) => w.Long(m.Offset), static (ref r, id) => new Appended(r.Long(), id));
        Add<AppendBatch>("b",
            (m, w) => w.Payloads(m.Payloads),
            static (ref r, id) => new AppendBatch(r.PayloadsOrNull()!, id));
        AddFuller<AppendBatch>("b2",
            m => m.ExpectedOffset is not null,
            (m, w) => w.Payloads(m.Payloads).Long(m.ExpectedOffset!.Value),
            static (ref r, id) => new AppendBatch(r.PayloadsOrNull()!, id) { ExpectedOffset = r.Long() });
        Add<BatchAppended>("B",
            (m, w) => w.Long(m.FirstOffset).Int(m.Count),
            static (ref r, id) => new BatchAppended(r.Long(), r.Int(), id));
    }

    private static void AddReading()
    {
        Add<Read>("r2",
            (m, w) => w.Long(m.Offset).Int(m.MaxPayloadBytes),
            static (ref r, id) => new Read(r.Long(), id) { MaxPayloadBytes = r.Int() });
        AddOld("r", static (ref r, id) => new Read(r.Long(), id));
        Add<RecordTooLarge>("RL",
            (m, w) => w.Long(m.Offset).Int(m.PayloadBytes),
            static (ref r, id) => new RecordTooLarge(r.Long(), r.Int(), id));
        Add<RecordRead>("R",
            (m, w) => w.Long(m.Offset).Bytes(m.Payload),
            static (ref r, id) => new RecordRead(r.Long(), r.Bytes(), id));
        Add<RecordDamaged>("D",
            (m, w) => w.Long(m.Offset).Text(m.Reason),
            static (ref r, id) => new RecordDamaged(r.Long(), r.Text(), id));
        Add<ReadBatch>("s",
            (m, w) => w.Long(m.Offset).Int(m.MaxRecords).Int(m.MaxBytes).Int((int)m.Gaps),
            static (ref r, id) => new ReadBatch(r.Long(), r.Int(), r.Int(), id) { Gaps = (GapPolicy)r.Int() });
        Add<BatchRead>("S",
            (m, w) => w.Long(m.FirstOffset).Payloads(m.Payloads),
            static (ref r, id) => new BatchRead(r.Long(), r.Payloads(), id));
    }

    private static void AddDescribing()
    {
        Add<GetLogInfo>("i", (_, _) => { }, static (ref _, id) => new GetLogInfo(id));
        Add<LogInfo>("I2",
            (m, w) => w.Long(m.EntryCount).Long(m.TotalBytes).Bool(m.IsFullyDurable)
                .Long(m.StartOffset).Long(m.NextOffset)
                .Text(m.ReadOnlyReason).Text(m.UpkeepProblem).Text(m.Damage),
            static (ref r, id) => ReadInfo(ref r, id) with { UpkeepProblem = r.Text(), Damage = r.Text() });
        AddFuller<LogInfo>("I3",
            m => m.ReadOnlyKind is not null,
            (m, w) => w.Long(m.EntryCount).Long(m.TotalBytes).Bool(m.IsFullyDurable)
                .Long(m.StartOffset).Long(m.NextOffset)
                .Text(m.ReadOnlyReason).Text(m.UpkeepProblem).Text(m.Damage).Int((int)m.ReadOnlyKind!),
            static (ref r, id) => ReadInfo(ref r, id) with
            {
                UpkeepProblem = r.Text(),
                Damage = r.Text(),
                ReadOnlyKind = (FailureKind)r.Int(),
            });
        AddOld("I", ReadInfo);
        Add<GetSegments>("g2",
            (m, w) => w.Long(m.FromOffset).Int(m.MaxCount),
            static (ref r, id) => new GetSegments(id) { FromOffset = r.Long(), MaxCount = r.Int() });
        AddOld("g", static (ref _, id) => new GetSegments(id));
        Add<SegmentList>("G2", WriteSegments, static (ref r, id) =>
            ReadSegments(ref r, id) with { ContinueAt = r.Long() is >= 0 and var at ? at : null, Damage = r.Text() });
        AddOld("G", ReadSegments);
        Add<SyncLog>("y", (_, _) => { }, static (ref _, id) => new SyncLog(id));
        Add<LogSynced>("Y", (m, w) => w.Long(m.DurableOffset), static (ref r, id) => new LogSynced(r.Long(), id));
        Add<AwaitRecord>("w",
            (m, w) => w.Long(m.Offset).Long(m.MaxWait.Ticks),
            static (ref r, id) => new AwaitRecord(r.Long(), id) { MaxWait = TimeSpan.FromTicks(r.Long()) });
        Add<RecordAwaited>("W", (m, w) => w.Long(m.NextOffset), static (ref r, id) => new RecordAwaited(r.Long(), id));
        Add<CancelWait>("k", (m, w) => w.Long(m.WaitId), static (ref r, id) => new CancelWait(r.Long(), id));
        Add<WaitCancelled>("K", (m, w) => w.Long(m.WaitId), static (ref r, id) => new WaitCancelled(r.Long(), id));
        Add<Locate>("l", (m, w) => w.Long(m.Offset), static (ref r, id) => new Locate(r.Long(), id));
        Add<RecordLocated>("L",
            (m, w) => w.Long(m.Offset).Text(m.File).Long(m.Position).Int(m.LengthBytes),
            static (ref r, id) => new RecordLocated(r.Long(), r.Text(), r.Long(), r.Int(), id));
    }

    private static void AddMaintaining()
    {
        Add<SealActiveSegment>("e", (_, _) => { }, static (ref _, id) => new SealActiveSegment(id));
        Add<SegmentSealed>("E",
            (m, w) => w.Text(m.SealedFile).Text(m.ActiveFile),
            static (ref r, id) => new SegmentSealed(r.Text(), r.Text(), id));
        Add<SetSegmentLimit>("m",
            (m, w) => w.Long(m.MaxSegmentBytes),
            static (ref r, id) => new SetSegmentLimit(r.Long(), id));
        Add<SegmentLimitSet>("M",
            (m, w) => w.Long(m.MaxSegmentBytes),
            static (ref r, id) => new SegmentLimitSet(r.Long(), id));
        Add<DeleteSegment>("d", (m, w) => w.Text(m.File), static (ref r, id) => new DeleteSegment(r.TextOrNull()!, id));
        Add<SegmentDeleted>("DD",
            (m, w) => w.Text(m.File).Long(m.BytesFreed),
            static (ref r, id) => new SegmentDeleted(r.Text(), r.Long(), id));
        Add<TruncateBefore>("t", (m, w) => w.Long(m.Offset), static (ref r, id) => new TruncateBefore(r.Long(), id));
        Add<LogTruncated>("T",
            (m, w) => w.Long(m.StartOffset).Int(m.SegmentsDeleted).Long(m.BytesFreed),
            static (ref r, id) => new LogTruncated(r.Long(), r.Int(), r.Long(), id));
        Add<CompressSegment>("c",
            (m, w) => w.Text(m.File),
            static (ref r, id) => new CompressSegment(r.TextOrNull()!, id));
        Add<SegmentCompressed>("C",
            (m, w) => w.Text(m.File).Long(m.SizeBytes).Long(m.StoredBytes),
            static (ref r, id) => new SegmentCompressed(r.Text(), r.Long(), r.Long(), id));
        Add<ArchiveSegment>("v",
            (m, w) => w.Text(m.File),
            static (ref r, id) => new ArchiveSegment(r.TextOrNull()!, id));
        Add<SegmentArchived>("V",
            (m, w) => w.Text(m.File).Text(m.ArchivedTo),
            static (ref r, id) => new SegmentArchived(r.Text(), r.Text(), id));
        Add<HoldFloor>("h",
            (m, w) => w.Text(m.Name).Long(m.Offset),
            static (ref r, id) => new HoldFloor(r.TextOrNull()!, r.Long(), id));
        Add<FloorHeld>("H",
            (m, w) => w.Text(m.Name).Long(m.Offset).Long(m.StartOffset),
            static (ref r, id) => new FloorHeld(r.Text(), r.Long(), r.Long(), id));
        Add<ReleaseFloor>("f", (m, w) => w.Text(m.Name), static (ref r, id) => new ReleaseFloor(r.TextOrNull()!, id));
        Add<FloorReleased>("FF", (m, w) => w.Text(m.Name), static (ref r, id) => new FloorReleased(r.Text(), id));
    }

    private static void AddFailing()
    {
        Add<RequestTooLarge>("X", (m, w) => w.Text(m.Reason), static (ref r, id) => new RequestTooLarge(r.Text(), id));
        Add<RequestFailed>("F",
            (m, w) => w.Int((int)m.Kind).Text(m.Reason),
            static (ref r, id) => new RequestFailed((FailureKind)r.Int(), r.Text(), id));
        AddFuller<RequestFailed>("F2",
            m => m.NextOffset is not null,
            (m, w) => w.Int((int)m.Kind).Text(m.Reason).Long(m.NextOffset!.Value),
            static (ref r, id) => new RequestFailed((FailureKind)r.Int(), r.Text(), id) { NextOffset = r.Long() });
    }

    private static void AddSubscribing()
    {
        Add<Subscribe>("n",
            (m, w) => w.Text(m.Log).Long(m.FromOffset).Text(m.Floor).Long(m.Timeout.Ticks),
            static (ref r, id) => new Subscribe(r.TextOrNull()!, r.Long(), id)
            {
                Floor = r.TextOrNull()!,
                Timeout = TimeSpan.FromTicks(r.Long()),
            });
        Add<Subscribed>("N", (m, w) => w.Long(m.FromOffset), static (ref r, id) => new Subscribed(r.Long(), id));
        Add<RequestRecords>("nr", (m, w) => w.Int(m.Count), static (ref r, _) => new RequestRecords(r.Int()));
        Add<ConfirmRecords>("nc", (m, w) => w.Long(m.NextOffset), static (ref r, _) => new ConfirmRecords(r.Long()));
        Add<Unsubscribe>("nu", (_, _) => { }, static (ref _, _) => new Unsubscribe());
        Add<RecordsDelivered>("NR",
            (m, w) => w.Long(m.FirstOffset).Payloads(m.Payloads),
            static (ref r, _) => new RecordsDelivered(r.Long(), r.Payloads()));
        Add<RecordsMissing>("NM",
            (m, w) => w.Long(m.FirstOffset).Long(m.NextOffset),
            static (ref r, _) => new RecordsMissing(r.Long(), r.Long()));
        Add<SubscriptionEnded>("NE",
            (m, w) => w.Int((int?)m.Kind ?? -1).Text(m.Reason),
            static (ref r, _) =>
                new SubscriptionEnded(r.Int() is >= 0 and var kind ? (FailureKind)kind : null, r.Text()));
    }

    // A second codec of a type that was added before, for messages that use a newer field.
    private static void AddFuller<T>(string manifest, Func<T, bool> isNeeded, Action<T, WireWriter> write, Reader read)
    {
        var codec = new Codec(manifest, (message, writer) => write((T)message, writer), read);
        ByType[typeof(T)].Fuller = (message => isNeeded((T)message), codec);
        ByManifest.Add(manifest, codec);
    }

    // A codec for reading what an older version wrote.
    private static void AddOld(string manifest, Reader read) =>
        ByManifest.Add(manifest, new Codec(manifest, static (_, _) => { }, read));

    private static LogInfo ReadInfo(ref WireReader reader, long requestId) =>
        new(reader.Long(), reader.Long(), reader.Bool(), reader.Long(), reader.Long(), requestId)
        {
            ReadOnlyReason = reader.Text(),
        };

    private static void WriteSegments(SegmentList list, WireWriter writer)
    {
        writer.Int(list.Segments.Count);
        foreach (var one in list.Segments)
            writer.Text(one.File).Long(one.StartOffset).Long(one.EndOffset).Long(one.SizeBytes).Int((int)one.State)
                .Long(one.StoredBytes ?? -1);
        writer.Long(list.ContinueAt ?? -1).Text(list.Damage);
    }

    private static SegmentList ReadSegments(ref WireReader reader, long requestId)
    {
        var segments = new SegmentInfo[reader.Count(leastBytes: 40)];
        for (var i = 0; i < segments.Length; i++)
        {
            var (file, start, end, size, state) =
                (reader.Text(), reader.Long(), reader.Long(), reader.Long(), (SegmentState)reader.Int());
            segments[i] = new SegmentInfo(
                file, start, end, size, state, reader.Long() is >= 0 and var stored ? stored : null);
        }
        return new SegmentList(segments, requestId);
    }

    private sealed record Codec(string Manifest, Action<object, WireWriter> Write, Reader Read)
    {
        internal (Func<object, bool> IsNeeded, Codec Codec)? Fuller { get; set; }
    }
}
