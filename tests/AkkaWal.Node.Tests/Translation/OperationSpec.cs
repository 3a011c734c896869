using System.Text;
using AkkaWal.Node.Json;
using AkkaWal.Node.Kafka.Keys;
using AkkaWal.Node.Kafka.Messages;
using AkkaWal.Node.Translation;
using AkkaWal.Node.Translation.Operations;
using AkkaWal.Protocol;

namespace AkkaWal.Node.Tests.Translation;

/// <summary>From the fields of a body to a message.</summary>
public class OperationSpec
{
    private const long Id = 42;

    private const string TooLongName = "n12345678901234567890123456789012345678901234567890123456789012345";

    private static (LogRequest Request, string? Problem, Receipt Receipt) Parse(
        string body, TranslationLimits? limits = null)
    {
        var line = new RequestLine();
        Assert.Null(line.Parse(Encoding.UTF8.GetBytes($$"""{"src":"c","dest":"n","body":{{body}}}""")));
        var type = line[Field.Type];
        var operation = OperationTable.Find(line.Slice(type), type.IsEscaped);
        Assert.NotNull(operation);
        var fields = new FieldReader(line, limits ?? new TranslationLimits());
        var request = operation.Parse(ref fields, Id, out var receipt);
        return (request, fields.Problem, receipt);
    }

    private static T Message<T>(string body)
        where T : LogRequest
    {
        var (request, problem, _) = Parse(body);
        Assert.Null(problem);
        Assert.Equal(Id, request.RequestId);
        return Assert.IsType<T>(request);
    }

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("", "")]
    [InlineData("ä€𐍈", "ä€𐍈")]
    [InlineData("""a\"b\\c\/d\b\f\n\r\t\u0000\u00e4\ud800\udf48""", "a\"b\\c/d\b\f\n\r\t\0ä𐍈")]
    public void Payload_should_be_the_UTF8_of_the_string(string json, string expected)
    {
        var append = Message<Append>($$"""{"payload":"{{json}}","type":"wal_append"}""");
        Assert.Equal(expected, Encoding.UTF8.GetString(append.Payload.Span));
    }

    [Fact]
    public void Receipt_should_tell_length_and_checksum_of_the_payload()
    {
        var (_, _, receipt) = Parse("""{"type":"wal_append","payload":"123456789"}""");
        Assert.Equal(new Receipt(9, 0xE3069283), receipt);
    }

    [Theory]
    [InlineData("AP8Q", new byte[] { 0, 255, 16 })]
    [InlineData("/w==", new byte[] { 255 })]
    [InlineData("\\/w==", new byte[] { 255 })]
    [InlineData("", new byte[0])]
    public void Payload_in_base64_should_be_bytes(string json, byte[] expected)
    {
        Assert.Equal(
            expected,
            Message<Append>($$"""{"type":"wal_append","encoding":"base64","payload":"{{json}}"}""").Payload.ToArray());
        var batch = Message<AppendBatch>(
            $$"""{"type":"wal_append_batch","payloads":["{{json}}","AA=="],"encoding":"base64"}""");
        Assert.Equal(expected, batch.Payloads[0].ToArray());
        Assert.Equal([0], batch.Payloads[1].ToArray());
    }

    [Fact]
    public void Requests_should_carry_their_fields()
    {
        Assert.Equal(long.MaxValue, Message<Read>("""{"type":"wal_read","offset":9223372036854775807}""").Offset);
        Assert.Equal(
            uint.MaxValue,
            Message<SetSegmentLimit>("""{"type":"wal_segment_config","max_segment_bytes":4294967295}""")
                .MaxSegmentBytes);
        Assert.Equal(5, Message<Locate>("""{"type":"wal_segment_locate","offset":5}""").Offset);
        Message<GetSegments>("""{"type":"wal_segment_info","offset":"not asked for"}""");
        Message<GetLogInfo>("""{"type":"wal_info"}""");
        Message<SyncLog>("""{"type":"wal_sync"}""");
        Assert.Equal(
            "00000000.log", Message<DeleteSegment>("""{"type":"wal_segment_delete","file":"00000000.log"}""").File);
        Assert.Equal(
            "00000000.log", Message<CompressSegment>("""{"type":"wal_segment_compress","file":"00000000.log"}""").File);
        Assert.Equal(
            "00000000.log", Message<ArchiveSegment>("""{"type":"wal_segment_archive","file":"00000000.log"}""").File);
        Assert.Equal(7, Message<TruncateBefore>("""{"type":"wal_truncate","before_offset":7}""").Offset);
        Message<SealActiveSegment>("""{"type":"wal_segment_seal"}""");
        var batch = Message<AppendBatch>("""{"type":"wal_append_batch","payloads":["a","","\u00e4"]}""");
        Assert.Equal(["a", "", "ä"], batch.Payloads.Select(payload => Encoding.UTF8.GetString(payload.Span)));
        Assert.Equal("n-1._Z", Message<Initialize>("""{"type":"init","node_id":"n-1._Z","node_ids":[]}""").NodeId);
        Assert.Equal("\"x\"", Encoding.UTF8.GetString(Message<EchoBack>("""{"type":"echo","echo":"x"}""").Json.Span));
        Assert.Equal(
            "[ 1,{}]", Encoding.UTF8.GetString(Message<EchoBack>("""{"type":"echo","echo":[ 1,{}] }""").Json.Span));
        Assert.Equal("null", Encoding.UTF8.GetString(Message<EchoBack>("""{"type":"echo","echo":null}""").Json.Span));
    }

    [Fact]
    public void Append_should_carry_the_offset_that_it_expects()
    {
        Assert.Null(Message<Append>("""{"type":"wal_append","payload":"a"}""").ExpectedOffset);
        Assert.Null(Message<AppendBatch>("""{"type":"wal_append_batch","payloads":["a"]}""").ExpectedOffset);
        Assert.Equal(0, Message<Append>("""{"type":"wal_append","payload":"a","expected_offset":0}""").ExpectedOffset);
        var batch = Message<AppendBatch>(
            """{"type":"wal_append_batch","expected_offset":9223372036854775807,"payloads":["a"]}""");
        Assert.Equal(long.MaxValue, batch.ExpectedOffset);
    }

    [Theory]
    [InlineData("""{"type":"wal_append","payload":"a","expected_offset":-1}""")]
    [InlineData("""{"type":"wal_append","payload":"a","expected_offset":"1"}""")]
    [InlineData("""{"type":"wal_append","payload":"a","expected_offset":null}""")]
    [InlineData("""{"type":"wal_append_batch","payloads":["a"],"expected_offset":1.5}""")]
    public void Expected_offset_should_be_an_integer_of_at_least_zero(string body) =>
        Assert.Equal("expected_offset must be an integer of at least 0", Parse(body).Problem);

    [Fact]
    public void Read_batch_should_be_bounded_however_much_is_asked_for()
    {
        var usual = Message<ReadBatch>("""{"type":"wal_read_batch","offset":3}""");
        Assert.Equal(new ReadBatch(3, 1000, 1 << 20, Id), usual);
        var told = Message<ReadBatch>("""{"type":"wal_read_batch","offset":3,"max_records":2,"max_bytes":7}""");
        Assert.Equal(new ReadBatch(3, 2, 7, Id), told);
        var limits = new TranslationLimits();
        var greedy = Message<ReadBatch>(
            """{"type":"wal_read_batch","offset":3,"max_records":9000000000,"max_bytes":9000000000}""");
        Assert.Equal(new ReadBatch(3, limits.MaxReadRecords, limits.MaxReadBytes, Id), greedy);
    }

    [Theory]
    [InlineData("""{"type":"wal_append"}""", "payload")]
    [InlineData("""{"type":"wal_append","payload":7}""", "payload")]
    [InlineData("""{"type":"wal_append","payload":null}""", "payload")]
    [InlineData("""{"type":"wal_append","payload":{"a":"b"}}""", "payload")]
    [InlineData("""{"type":"wal_append","payload":"\ud800"}""", "payload")]
    [InlineData("""{"type":"wal_append","payload":"x\udc00y"}""", "payload")]
    [InlineData("""{"type":"wal_append","payload":"?","encoding":"base64"}""", "payload")]
    [InlineData("""{"type":"wal_append","payload":"AA","encoding":"base64"}""", "payload")]
    [InlineData("""{"type":"wal_append","payload":"AA==","encoding":"hex"}""", "encoding")]
    [InlineData("""{"type":"wal_append","payload":"AA==","encoding":1}""", "encoding")]
    [InlineData("""{"type":"wal_append_batch"}""", "payloads")]
    [InlineData("""{"type":"wal_append_batch","payloads":[]}""", "payloads")]
    [InlineData("""{"type":"wal_append_batch","payloads":"a"}""", "payloads")]
    [InlineData("""{"type":"wal_append_batch","payloads":["a",["b"]]}""", "payloads")]
    [InlineData("""{"type":"wal_append_batch","payloads":["a",1]}""", "payloads")]
    [InlineData("""{"type":"wal_read"}""", "offset")]
    [InlineData("""{"type":"wal_read","offset":"3"}""", "offset")]
    [InlineData("""{"type":"wal_read","offset":-1}""", "offset")]
    [InlineData("""{"type":"wal_read","offset":1.0}""", "offset")]
    [InlineData("""{"type":"wal_read","offset":1e2}""", "offset")]
    [InlineData("""{"type":"wal_read","offset":9223372036854775808}""", "offset")]
    [InlineData("""{"type":"wal_read","offset":1e400}""", "offset")]
    [InlineData("""{"type":"wal_segment_locate","offset":true}""", "offset")]
    [InlineData("""{"type":"wal_read_batch","offset":0,"max_records":0}""", "max_records")]
    [InlineData("""{"type":"wal_read_batch","offset":0,"max_bytes":-5}""", "max_bytes")]
    [InlineData("""{"type":"wal_segment_config"}""", "max_segment_bytes")]
    [InlineData("""{"type":"wal_segment_config","max_segment_bytes":0}""", "max_segment_bytes")]
    [InlineData("""{"type":"wal_segment_config","max_segment_bytes":4294967296}""", "max_segment_bytes")]
    [InlineData("""{"type":"wal_segment_config","max_segment_bytes":99999999999999999999999}""", "max_segment_bytes")]
    [InlineData("""{"type":"wal_segment_config","max_segment_bytes":[1024]}""", "max_segment_bytes")]
    [InlineData("""{"type":"init","node_ids":[]}""", "node_id")]
    [InlineData("""{"type":"init","node_id":"","node_ids":[]}""", "node_id")]
    [InlineData("""{"type":"init","node_id":".","node_ids":[]}""", "node_id")]
    [InlineData("""{"type":"init","node_id":"..","node_ids":[]}""", "node_id")]
    [InlineData("""{"type":"init","node_id":"../x","node_ids":[]}""", "node_id")]
    [InlineData("""{"type":"init","node_id":"ä","node_ids":[]}""", "node_id")]
    [InlineData("""{"type":"init","node_id":"n1\u0000","node_ids":[]}""", "node_id")]
    [InlineData($$"""{"type":"init","node_id":"{{TooLongName}}","node_ids":[]}""", "node_id")]
    [InlineData("""{"type":"init","node_id":"n1"}""", "node_ids")]
    [InlineData("""{"type":"init","node_id":"n1","node_ids":[1]}""", "node_ids")]
    [InlineData("""{"type":"wal_segment_delete"}""", "file")]
    [InlineData("""{"type":"wal_segment_delete","file":7}""", "file")]
    [InlineData("""{"type":"wal_segment_compress"}""", "file")]
    [InlineData("""{"type":"wal_segment_archive","file":null}""", "file")]
    [InlineData("""{"type":"wal_truncate"}""", "before_offset")]
    [InlineData("""{"type":"wal_truncate","before_offset":-1}""", "before_offset")]
    [InlineData("""{"type":"echo"}""", "echo")]
    [InlineData("""{"type":"send","msg":1}""", "key")]
    [InlineData("""{"type":"send","key":7,"msg":1}""", "key")]
    [InlineData("""{"type":"send","key":"\ud800","msg":1}""", "key")]
    [InlineData("""{"type":"send","key":"k"}""", "msg")]
    [InlineData("""{"type":"poll"}""", "offsets")]
    [InlineData("""{"type":"poll","offsets":[]}""", "offsets")]
    [InlineData("""{"type":"poll","offsets":{"k":-1}}""", "offsets")]
    [InlineData("""{"type":"poll","offsets":{"k":"0"}}""", "offsets")]
    [InlineData("""{"type":"poll","offsets":{"k":0.5}}""", "offsets")]
    [InlineData("""{"type":"poll","offsets":{"k":[0]}}""", "offsets")]
    [InlineData("""{"type":"poll","offsets":{"\ud800":0}}""", "offsets")]
    [InlineData("""{"type":"commit_offsets","offsets":{"k":1e2}}""", "offsets")]
    [InlineData("""{"type":"commit_offsets","offsets":null}""", "offsets")]
    [InlineData("""{"type":"list_committed_offsets","keys":{}}""", "keys")]
    [InlineData("""{"type":"list_committed_offsets","keys":[1]}""", "keys")]
    [InlineData("""{"type":"list_committed_offsets","keys":["\udc00"]}""", "keys")]
    public void Field_that_is_not_as_it_must_be_should_be_named(string body, string field)
    {
        var problem = Parse(body).Problem;
        Assert.NotNull(problem);
        Assert.StartsWith(field + " must be ", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Payload_should_be_no_longer_than_the_limit()
    {
        var limits = new TranslationLimits(MaxPayloadBytes: 3);
        Assert.Null(Parse("""{"type":"wal_append","payload":"abc"}""", limits).Problem);
        Assert.Equal(
            "payload must be at most 3 bytes", Parse("""{"type":"wal_append","payload":"abcd"}""", limits).Problem);
        Assert.NotNull(Parse("""{"type":"wal_append_batch","payloads":["abc","abcd"]}""", limits).Problem);
        Assert.Equal("msg must be at most 3 bytes", Parse("""{"type":"send","key":"k","msg":1234}""", limits).Problem);
        Assert.Null(Parse("""{"type":"send","key":"k","msg":123}""", limits).Problem);
    }

    [Fact]
    public void Keys_and_offsets_should_be_read_in_their_order()
    {
        Assert.Equal("a\"ä", Message<SendMessage>("""{"type":"send","msg":null,"key":"a\"\u00e4"}""").Key);
        var poll = Message<Poll>("""{"type":"poll","offsets":{"b":2,"a":9223372036854775807,"b":3,"":0}}""");
        Assert.Equal([new("b", 3), new("a", long.MaxValue), new("", 0)], poll.From);
        Assert.Equal(
            ["b", "a", "b"],
            Message<ListCommittedOffsets>("""{"type":"list_committed_offsets","keys":["b","a","b"]}""").Keys);
        Assert.Empty(Message<CommitOffsets>("""{"type":"commit_offsets","offsets":{}}""").Offsets);
    }

    [Fact]
    public void Keys_should_be_bounded_in_length_and_number()
    {
        string longest = new('k', KafkaFolder.MaxKeyBytes);
        Assert.Equal(longest, Message<SendMessage>($$"""{"type":"send","msg":1,"key":"{{longest}}"}""").Key);
        Assert.StartsWith(
            "key must be at most", Parse($$"""{"type":"send","msg":1,"key":"{{longest}}k"}""").Problem,
            StringComparison.Ordinal);
        Assert.StartsWith(
            "offsets must be", Parse($$$"""{"type":"poll","offsets":{"{{{longest}}}k":1}}""").Problem,
            StringComparison.Ordinal);
        var many = string.Join(
            ',', Enumerable.Range(0, TranslationLimits.MaxKeys + 1).Select(key => $"\"{key}\":1"));
        Assert.StartsWith(
            "offsets must be", Parse($$$"""{"type":"poll","offsets":{{{{many}}}}}""").Problem,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nope")]
    [InlineData("")]
    [InlineData("wal_appendx")]
    [InlineData("WAL_APPEND")]
    [InlineData("\\ud800")]
    public void Unknown_type_should_have_no_operation(string type)
    {
        var bytes = Encoding.UTF8.GetBytes(type);
        Assert.Null(OperationTable.Find(bytes, type.Contains('\\', StringComparison.Ordinal)));
    }

    [Fact]
    public void Escaped_type_should_be_found() =>
        Assert.NotNull(OperationTable.Find("wal_re\\u0061d"u8.ToArray(), true));
}
