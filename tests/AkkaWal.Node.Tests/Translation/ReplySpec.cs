using System.Text;
using AkkaWal.Node.Bridge;
using AkkaWal.Node.Bridge.Requests;
using AkkaWal.Node.Json;
using AkkaWal.Node.Translation;
using AkkaWal.Node.Translation.Operations;
using AkkaWal.Protocol;
using AkkaWal.Storage;

namespace AkkaWal.Node.Tests.Translation;

/// <summary>From a reply of the log to a line, byte for byte.</summary>
public class ReplySpec
{
    private static string Format(string type, LogReply reply, Receipt receipt = default)
    {
        var writer = new ReplyWriter(new byte[1]);
        var slot = new Slot
        {
            Operation = OperationTable.Find(Encoding.UTF8.GetBytes(type), false),
            From = "n1"u8.ToArray(),
            To = "c1"u8.ToArray(),
            MessageId = "9"u8.ToArray(),
            Receipt = receipt,
            Reply = reply,
        };
        new ReplyFormatter(writer).Write(slot);
        return Text(writer);
    }

    private static string Text(ReplyWriter writer)
    {
        var written = writer.Detach([]);
        return Encoding.UTF8.GetString(written.Bytes.AsSpan(0, written.LengthBytes));
    }

    private static void AssertFields(string expected, string type, LogReply reply, Receipt receipt = default) =>
        Assert.Equal(
            $$$"""{"src": "n1", "dest": "c1", "body": {"type": "{{{type}}}_ok", "in_reply_to": 9, """
                + expected + "\"msg_id\": 0}}\n",
            Format(type, reply, receipt));

    private static ReadOnlyMemory<byte> Bytes(string text) => Encoding.UTF8.GetBytes(text);

    [Fact]
    public void Replies_should_have_their_fields_in_order()
    {
        AssertFields("", "init", new Initialized(0));
        AssertFields("\"max_segment_bytes\": 1024, ", "wal_segment_config", new SegmentLimitSet(1024, 0));
        AssertFields(
            "\"offset\": 3, \"length\": 7, \"checksum\": \"0000beef\", ", "wal_append",
            new Appended(3, 0), new Receipt(7, 0xbeef));
        AssertFields(
            "\"first_offset\": 3, \"last_offset\": 4, \"count\": 2, ", "wal_append_batch", new BatchAppended(3, 2, 0));
        AssertFields("\"payload\": \"a\", \"checksum_valid\": true, ", "wal_read", new RecordRead(0, Bytes("a"), 0));
        AssertFields(
            "\"entries\": 1, \"total_bytes\": 16, \"fsynced\": true, \"start_offset\": 0, \"next_offset\": 1, ",
            "wal_info", new LogInfo(1, 16, true, 0, 1, 0));
        AssertFields("\"durable_offset\": -1, ", "wal_sync", new LogSynced(-1, 0));
        AssertFields(
            "\"file\": \"00000000.log\", \"position\": 64, \"length\": 5, ", "wal_segment_locate",
            new RecordLocated(0, "00000000.log", 64, 5, 0));
        AssertFields(
            "\"sealed_segment\": \"00000000.log\", \"active_segment\": \"00000002.log\", ",
            "wal_segment_seal",
            new SegmentSealed("00000000.log", "00000002.log", 0));
        AssertFields(
            "\"file\": \"00000000.log\", \"bytes_freed\": 40, ", "wal_segment_delete",
            new SegmentDeleted("00000000.log", 40, 0));
        AssertFields(
            "\"file\": \"00000000.log\", \"size_bytes\": 40, \"stored_bytes\": 9, ", "wal_segment_compress",
            new SegmentCompressed("00000000.log", 40, 9, 0));
        AssertFields(
            "\"file\": \"00000000.log\", \"archived_to\": \"/a/00000000.log\", ", "wal_segment_archive",
            new SegmentArchived("00000000.log", "/a/00000000.log", 0));
        AssertFields(
            "\"start_offset\": 7, \"segments_deleted\": 2, \"bytes_freed\": 90, ", "wal_truncate",
            new LogTruncated(7, 2, 90, 0));
        AssertFields("\"echo\": {\"a\": [1, \"\\u00e4\"]}, ", "echo", new Echoed(Bytes("""{"a":[1,"\u00e4"]}"""), 0));
    }

    [Fact]
    public void Damaged_record_should_answer_for_itself_and_give_no_bytes()
    {
        AssertFields("\"payload\": null, \"checksum_valid\": false, ", "wal_read", new RecordDamaged(5, "why", 0));
        AssertFields(
            "\"records\": [{\"offset\": 5, \"payload\": null, \"checksum_valid\": false}], \"next_offset\": 6, ",
            "wal_read_batch",
            new RecordDamaged(5, "why", 0));
        Assert.Contains(
            "\"code\": 11, \"text\": \"why\"", Format("wal_segment_locate", new RecordDamaged(5, "why", 0)),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Records_that_are_no_text_should_be_base64()
    {
        ReadOnlyMemory<byte> bytes = new byte[] { 0xFF, 0 };
        AssertFields(
            "\"payload\": \"/wA=\", \"encoding\": \"base64\", \"checksum_valid\": true, ", "wal_read",
            new RecordRead(0, bytes, 0));
        AssertFields(
            "\"records\": [{\"offset\": 5, \"payload\": \"a\"}, "
                + "{\"offset\": 6, \"payload\": \"/wA=\", \"encoding\": \"base64\"}], \"next_offset\": 7, ",
            "wal_read_batch",
            new BatchRead(5, [Bytes("a"), bytes], 0));
        AssertFields("\"records\": [], \"next_offset\": 5, ", "wal_read_batch", new BatchRead(5, [], 0));
    }

    [Fact]
    public void Segments_should_carry_further_keys_only_where_they_are_compressed_or_archived() => AssertFields(
        "\"segments\": [{\"file\": \"a\", \"start_offset\": 0, \"end_offset\": 1, "
        + "\"size_bytes\": 20, \"sealed\": true}, "
        + "{\"file\": \"b\", \"start_offset\": 2, \"end_offset\": 2, \"size_bytes\": 9, \"sealed\": true, "
        + "\"compressed\": true, \"archived\": true, \"stored_bytes\": 4}, "
        + "{\"file\": \"c\", \"start_offset\": 3, \"end_offset\": 2, \"size_bytes\": 0, \"sealed\": false}], "
        + "\"active_segment\": \"c\", ",
        "wal_segment_info",
        new SegmentList(
            [
                new SegmentInfo("a", 0, 1, 20, SegmentState.Sealed),
                new SegmentInfo("b", 2, 2, 9, SegmentState.Sealed | SegmentState.Compressed | SegmentState.Archived, 4),
                new SegmentInfo("c", 3, 2, 0, SegmentState.Active),
            ],
            0));

    [Theory]
    [InlineData(FailureKind.Unavailable, 11)]
    [InlineData(FailureKind.NotOwned, 11)]
    [InlineData(FailureKind.Invalid, 12)]
    [InlineData(FailureKind.OutcomeUnknown, 13)]
    [InlineData(FailureKind.Aborted, 14)]
    [InlineData(FailureKind.NotFound, 20)]
    [InlineData(FailureKind.Precondition, 22)]
    [InlineData((FailureKind)99, 13)]
    public void Failures_should_have_their_codes(FailureKind kind, int code) => Assert.Equal(
        $$$"""{"src": "n1", "dest": "c1", "body": {"type": "error", "in_reply_to": 9, "code": {{{code}}}"""
            + """, "text": "a \"reason\"", "msg_id": 0}}""" + "\n",
        Format("wal_append", new RequestFailed(kind, "a \"reason\"", 0)));

    [Fact]
    public void Reply_of_another_operation_should_be_an_error_and_not_half_a_reply() =>
        Assert.StartsWith(
            """{"src": "n1", "dest": "c1", "body": {"type": "error", "in_reply_to": 9, "code": 13, """,
            Format("wal_append", new LogSynced(1, 0)),
            StringComparison.Ordinal);

    [Theory]
    [InlineData("a\"b\\c/d", "a\\\"b\\\\c/d")]
    [InlineData("\b\f\n\r\t", "\\b\\f\\n\\r\\t")]
    [InlineData("\0\u001f\u007f", "\\u0000\\u001f\u007f")]
    [InlineData("ä€𐍈\u2028", "ä€𐍈\u2028")]
    public void Text_should_be_escaped_only_where_JSON_wants_it(string text, string expected) =>
        AssertFields(
            $"\"payload\": \"{expected}\", \"checksum_valid\": true, ", "wal_read", new RecordRead(0, Bytes(text), 0));

    [Theory]
    [InlineData("""{"a" : 1.50e+3 , "b":[ ] ,"c":{ } , "d":[true,false,null,[[]]] ,"\ud800":"\u0041\/\n"}""",
        """{"a": 1.50e+3, "b": [], "c": {}, "d": [true, false, null, [[]]], "\ud800": "\u0041\/\n"}""")]
    [InlineData("-0", "-0")]
    [InlineData("\"\"", "\"\"")]
    public void Json_should_come_back_as_the_same_value(string json, string expected) =>
        AssertFields($"\"echo\": {expected}, ", "echo", new Echoed(Bytes(json), 0));

    [Fact]
    public void Messages_should_be_counted_only_where_they_are_written()
    {
        var writer = new ReplyWriter(new byte[64]);
        var formatter = new ReplyFormatter(writer);
        var slot = new Slot
        {
            Operation = OperationTable.Find("echo"u8.ToArray(), false), Reply = new Echoed(Bytes("1"), 0),
        };
        formatter.Write(slot);
        Assert.Equal(0, writer.LengthBytes);
        slot.MessageId = "5"u8.ToArray();
        formatter.Write(slot);
        formatter.Write(slot);
        var lines = Text(writer).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.EndsWith("\"msg_id\": 0}}", lines[0], StringComparison.Ordinal);
        Assert.EndsWith("\"msg_id\": 1}}", lines[1], StringComparison.Ordinal);
    }
}
