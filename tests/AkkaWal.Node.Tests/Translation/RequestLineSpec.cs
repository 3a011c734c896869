using System.Text;
using AkkaWal.Node.Json;

namespace AkkaWal.Node.Tests.Translation;

public class RequestLineSpec
{
    private static string? Parse(RequestLine line, string text) => line.Parse(Encoding.UTF8.GetBytes(text));

    private static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);

    [Theory]
    [InlineData("""{"src":"c1","dest":"n1","body":{"type":"wal_read","msg_id":7,"offset":3}}""")]
    [InlineData("""{"body":{"offset":3,"msg_id":7,"type":"wal_read"},"dest":"n1","id":5,"src":"c1"}""")]
    [InlineData(
        """ { "dest" : "n1" , "body" : { "msg_id" : 7 , "x":{"type":[1]}, "type" : "wal_read" , "offset" : 3 } """
        + """, "src" : "c1" } """)]
    [InlineData("""{"\u0073rc":"c1","dest":"n1","body":{"ty\u0070e":"wal_read","msg_id":7,"offset":3}}""")]
    [InlineData(
        """{"src":1,"src":"c1","dest":"n1","body":[],"body":{"type":"x","offset":9}"""
        + ""","body":{"type":7,"type":"wal_read","msg_id":1.5,"msg_id":7,"offset":3}}""")]
    public void Line_should_be_taken_apart_whatever_the_order_of_its_keys(string text)
    {
        var line = new RequestLine();
        Assert.Null(
            Parse(line, """{"src":"before","dest":"n9","body":{"type":"echo","msg_id":1,"echo":1,"payload":"x"}}"""));
        Assert.Null(Parse(line, text));
        Assert.Equal("c1", Text(line.Source));
        Assert.Equal("n1", Text(line.Destination));
        Assert.Equal("7", Text(line.MessageId));
        Assert.Equal("wal_read", Text(line.Slice(line[Field.Type])));
        Assert.Equal("3", Text(line.Slice(line[Field.Offset])));
        Assert.Equal(default, line[Field.Payload]);
    }

    [Theory]
    [InlineData("", "not JSON")]
    [InlineData("   ", "not JSON")]
    [InlineData("hello", "not JSON")]
    [InlineData("null", "no JSON object")]
    [InlineData("[1]", "no JSON object")]
    [InlineData("\"x\"", "no JSON object")]
    [InlineData("""{"src":"c1","dest":"n1","body":{"type":"echo","msg_id":1""", "not JSON")]
    [InlineData("""{"src":"c1","dest":"n1","body":{"type":"echo","msg_id":1}} x""", "not JSON")]
    [InlineData("""{"src":"c1","dest":"n1","body":{"type":"echo","msg_id":1}}{}""", "not JSON")]
    [InlineData("""{"dest":"n1","body":{"type":"echo","msg_id":1}}""", "src")]
    [InlineData("""{"src":5,"dest":"n1","body":{"type":"echo","msg_id":1}}""", "src")]
    [InlineData("""{"src":"c1","dest":"n1"}""", "body")]
    [InlineData("""{"src":"c1","dest":"n1","body":"x"}""", "body")]
    [InlineData("""{"src":"c1","dest":"n1","body":{"type":"echo","msg_id":1},"body":null}""", "body")]
    [InlineData("""{"src":"c1","dest":"n1","body":{"msg_id":1}}""", "type")]
    [InlineData("""{"src":"c1","dest":"n1","body":{"type":["echo"],"msg_id":1}}""", "type")]
    [InlineData("""{"src":"c1","dest":"n1","body":{"type":"echo","msg_id":"1"}}""", "msg_id")]
    [InlineData("""{"src":"c1","dest":"n1","body":{"type":"echo","msg_id":1.0}}""", "msg_id")]
    [InlineData("""{"src":"c1","dest":"n1","body":{"type":"echo","msg_id":1e3}}""", "msg_id")]
    [InlineData("""{"src":"c1","dest":"n1","body":{"type":"echo","msg_id":null}}""", "msg_id")]
    public void Line_that_can_not_be_answered_should_say_why(string text, string expected) =>
        Assert.Contains(expected, Parse(new RequestLine(), text), StringComparison.Ordinal);

    [Fact]
    public void Line_should_not_be_taken_when_it_is_no_UTF8()
    {
        byte[] bytes = [.. """{"src":"c1","dest":"n1","body":{"type":"echo","msg_id":1,"echo":"""u8, (byte)'"', 0xC3,
            0x28, (byte)'"', .. "}}"u8];
        Assert.Contains("UTF-8", new RequestLine().Parse(bytes), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(RequestLine.MaxDepth - 2, true)]
    [InlineData(RequestLine.MaxDepth - 1, false)]
    [InlineData(1_000_000, false)]
    public void Line_should_be_nested_no_deeper_than_the_limit(int depth, bool isTaken)
    {
        var text =
            """{"src":"c1","dest":"n1","body":{"type":"echo","msg_id":1,"echo":"""
            + new string('[', depth) + new string(']', depth) + "}}";
        Assert.Equal(isTaken, Parse(new RequestLine(), text) is null);
    }

    [Fact]
    public void Message_id_of_any_length_should_come_back_digit_for_digit()
    {
        var line = new RequestLine();
        Assert.Null(
            Parse(
                line, """{"src":"c1","dest":"n1","body":{"type":"echo","msg_id":-123456789012345678901234567890}}"""));
        Assert.Equal("-123456789012345678901234567890", Text(line.MessageId));
    }

    [Theory]
    [InlineData("""{"src":"c1","dest":"n1","body":{"type":"echo_ok","in_reply_to":3}}""", true)]
    [InlineData("""{"src":"c1","dest":"n1","body":{"type":"echo","in_reply_to":null}}""", false)]
    [InlineData("""{"src":"c1","dest":"n1","body":{"type":"echo"}}""", false)]
    public void Reply_should_be_told_from_a_request(string text, bool isReply)
    {
        var line = new RequestLine();
        Assert.Null(Parse(line, text));
        Assert.Equal(isReply, line.IsReply);
        Assert.True(line.MessageId.IsEmpty);
    }
}
