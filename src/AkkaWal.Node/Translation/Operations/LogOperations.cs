using AkkaWal.Node.Json;
using AkkaWal.Protocol;
using AkkaWal.Storage;

namespace AkkaWal.Node.Translation.Operations;

/// <summary>
/// The operations of the segmented log. Each entry has the operation's type, its traits, the message to the log, and
/// the fields of the answer in their order. A new operation is a new entry.
/// </summary>
internal static class LogOperations
{
    /// <summary>All of them.</summary>
    public static IEnumerable<Operation> All => [.. OnRecords, .. OnSegments];

    private static IEnumerable<Operation> OnRecords =>
    [
        new AppendOperation(),
        new Operation<BatchAppended>(
            "wal_append_batch",
            OperationTraits.Pipelined,
            static (ref fields, id) =>
                new AppendBatch(fields.Payloads(Field.Payloads), id) { ExpectedOffset = ExpectedOffset(ref fields) },
            static (reply, writer) =>
            {
                writer.Integer("first_offset"u8, reply.FirstOffset);
                writer.Integer("last_offset"u8, reply.FirstOffset + reply.Count - 1);
                writer.Integer("count"u8, reply.Count);
            }),
        new Operation<RecordRead>(
            "wal_read",
            OperationTraits.Pipelined | OperationTraits.ReturnsPayload,
            static (ref fields, id) => new Read(fields.Integer(Field.Offset, 0, long.MaxValue), id)
            {
                MaxPayloadBytes = fields.Limits.ReadShareBytes,
            },
            static (reply, writer) =>
            {
                writer.Payload("payload"u8, reply.Payload.Span);
                writer.Boolean("checksum_valid"u8, true);
            },
            static (_, writer) => WriteNoPayload(writer)),
        new Operation<BatchRead>(
            "wal_read_batch",
            OperationTraits.Exclusive | OperationTraits.ReturnsPayload,
            ParseReadBatch,
            WriteRecords,
            WriteDamagedRecord),
        new Operation<LogInfo>(
            "wal_info",
            OperationTraits.Exclusive,
            static (ref _, id) => new GetLogInfo(id),
            static (reply, writer) =>
            {
                writer.Integer("entries"u8, reply.EntryCount);
                writer.Integer("total_bytes"u8, reply.TotalBytes);
                writer.Boolean("fsynced"u8, reply.IsFullyDurable);
                writer.Integer("start_offset"u8, reply.StartOffset);
                writer.Integer("next_offset"u8, reply.NextOffset);
                if (reply.Damage.Length > 0) writer.Text("damaged"u8, reply.Damage);
            }),
        new Operation<LogSynced>(
            "wal_sync",
            OperationTraits.Exclusive,
            static (ref _, id) => new SyncLog(id),
            static (reply, writer) => writer.Integer("durable_offset"u8, reply.DurableOffset)),
        new Operation<RecordLocated>(
            "wal_segment_locate",
            OperationTraits.Exclusive,
            static (ref fields, id) => new Locate(fields.Integer(Field.Offset, 0, long.MaxValue), id),
            static (reply, writer) =>
            {
                writer.Text("file"u8, reply.File);
                writer.Integer("position"u8, reply.Position);
                writer.Integer("length"u8, reply.LengthBytes);
            }),
    ];

    private static IEnumerable<Operation> OnSegments =>
    [
        new Operation<SegmentLimitSet>(
            "wal_segment_config",
            OperationTraits.Exclusive,
            static (ref fields, id) => new SetSegmentLimit(fields.Integer(Field.MaxSegmentBytes, 1, uint.MaxValue), id),
            static (reply, writer) => writer.Integer("max_segment_bytes"u8, reply.MaxSegmentBytes)),
        new Operation<SegmentList>(
            "wal_segment_info",
            OperationTraits.Exclusive,
            static (ref _, id) => new GetSegments(id),
            WriteSegments),
        new Operation<SegmentSealed>(
            "wal_segment_seal",
            OperationTraits.Exclusive,
            static (ref _, id) => new SealActiveSegment(id),
            static (reply, writer) =>
            {
                writer.Text("sealed_segment"u8, reply.SealedFile);
                writer.Text("active_segment"u8, reply.ActiveFile);
            }),
        new Operation<SegmentDeleted>(
            "wal_segment_delete",
            OperationTraits.Exclusive,
            static (ref fields, id) => new DeleteSegment(fields.Text(Field.File), id),
            static (reply, writer) =>
            {
                writer.Text("file"u8, reply.File);
                writer.Integer("bytes_freed"u8, reply.BytesFreed);
            }),
        new Operation<SegmentCompressed>(
            "wal_segment_compress",
            OperationTraits.Pipelined | OperationTraits.Slow,
            static (ref fields, id) => new CompressSegment(fields.Text(Field.File), id),
            static (reply, writer) =>
            {
                writer.Text("file"u8, reply.File);
                writer.Integer("size_bytes"u8, reply.SizeBytes);
                writer.Integer("stored_bytes"u8, reply.StoredBytes);
            }),
        new Operation<SegmentArchived>(
            "wal_segment_archive",
            OperationTraits.Pipelined | OperationTraits.Slow,
            static (ref fields, id) => new ArchiveSegment(fields.Text(Field.File), id),
            static (reply, writer) =>
            {
                writer.Text("file"u8, reply.File);
                writer.Text("archived_to"u8, reply.ArchivedTo);
            }),
        new Operation<LogTruncated>(
            "wal_truncate",
            OperationTraits.Exclusive,
            static (ref fields, id) => new TruncateBefore(fields.Integer(Field.BeforeOffset, 0, long.MaxValue), id),
            static (reply, writer) =>
            {
                writer.Integer("start_offset"u8, reply.StartOffset);
                writer.Integer("segments_deleted"u8, reply.SegmentsDeleted);
                writer.Integer("bytes_freed"u8, reply.BytesFreed);
            }),
    ];

    /// <summary>The offset that the append must get; null where the request names none.</summary>
    public static long? ExpectedOffset(ref FieldReader fields) =>
        fields.OptionalInteger(Field.ExpectedOffset, 0, long.MaxValue);

    private static ReadBatch ParseReadBatch(ref FieldReader fields, long requestId)
    {
        const int UsualRecords = 1000;
        const int UsualBytes = 1 << 20;
        var offset = fields.Integer(Field.Offset, 0, long.MaxValue);
        var records = fields.Limit(Field.MaxRecords, UsualRecords, fields.Limits.MaxReadRecords);
        var bytes = fields.Limit(Field.MaxBytes, UsualBytes, fields.Limits.MaxReadBytes);
        return new ReadBatch(offset, (int)records, (int)bytes, requestId);
    }

    private static void WriteRecords(BatchRead reply, ReplyWriter writer)
    {
        writer.Key("records"u8);
        writer.Begin("["u8);
        for (var index = 0; index < reply.Payloads.Count; index++)
        {
            writer.Begin("{"u8);
            writer.Integer("offset"u8, reply.FirstOffset + index);
            writer.Payload("payload"u8, reply.Payloads[index].Span);
            writer.End("}"u8);
        }

        writer.End("]"u8);
        writer.Integer("next_offset"u8, reply.NextOffset);
    }

    // The damaged record comes alone, and next_offset lets the client go on behind it.
    private static void WriteDamagedRecord(RecordDamaged reply, ReplyWriter writer)
    {
        writer.Key("records"u8);
        writer.Begin("["u8);
        writer.Begin("{"u8);
        writer.Integer("offset"u8, reply.Offset);
        WriteNoPayload(writer);
        writer.End("}"u8);
        writer.End("]"u8);
        writer.Integer("next_offset"u8, reply.Offset + 1);
    }

    // Bytes that do not match their checksum are never returned.
    private static void WriteNoPayload(ReplyWriter writer)
    {
        writer.Null("payload"u8);
        writer.Boolean("checksum_valid"u8, false);
    }

    private static void WriteSegments(SegmentList reply, ReplyWriter writer)
    {
        writer.Key("segments"u8);
        writer.Begin("["u8);
        foreach (var segment in reply.Segments) WriteSegment(segment, writer);
        writer.End("]"u8);
        writer.Text("active_segment"u8, reply.Segments[^1].File);
        if (reply.Damage.Length > 0) writer.Text("damaged"u8, reply.Damage);
    }

    private static void WriteSegment(SegmentInfo segment, ReplyWriter writer)
    {
        writer.Begin("{"u8);
        writer.Text("file"u8, segment.File);
        writer.Integer("start_offset"u8, segment.StartOffset);
        writer.Integer("end_offset"u8, segment.EndOffset);
        writer.Integer("size_bytes"u8, segment.SizeBytes);
        writer.Boolean("sealed"u8, segment.IsSealed);
        if (segment.IsCompressed) writer.Boolean("compressed"u8, true);
        if (segment.IsArchived) writer.Boolean("archived"u8, true);
        if (segment.StoredBytes is { } storedBytes) writer.Integer("stored_bytes"u8, storedBytes);
        writer.End("}"u8);
    }
}
