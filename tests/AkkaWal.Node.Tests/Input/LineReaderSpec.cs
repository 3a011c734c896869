using System.Text;
using AkkaWal.Node.Input;

namespace AkkaWal.Node.Tests.Input;

public class LineReaderSpec
{
    private readonly List<string> _notes = [];

    /// <summary>Reads the pieces, each by a read of its own, and gives back the lines with their numbers.</summary>
    private List<InputLine> Read(IEnumerable<byte[]> pieces, int maxLineBytes = 1 << 20)
    {
        var credit = new InputCredit(long.MaxValue);
        var queue = new InputQueue(credit);
        var hasEnded = false;
        var reader = new LineReader(
            new PieceStream(pieces),
            maxLineBytes,
            credit,
            () => 0,
            message =>
            {
                Assert.False(hasEnded);
                if (message is InputBlock block) queue.Add(block);
                else hasEnded = true;
            },
            _notes.Add);
        reader.Run();
        Assert.True(hasEnded);

        var lines = new List<InputLine>();
        for (; queue.TryPeek(out var line); queue.Advance()) lines.Add(line);
        Assert.True(queue.IsEmpty);
        return lines;
    }

    private static IEnumerable<byte[]> Pieces(params string[] texts) => texts.Select(Encoding.UTF8.GetBytes);

    private static IEnumerable<byte[]> BytePieces(string text, int length) =>
        Encoding.UTF8.GetBytes(text).Chunk(length);

    private static IEnumerable<string> Texts(IEnumerable<InputLine> lines) =>
        lines.Select(line => Encoding.UTF8.GetString(line.Bytes.Span));

    [Fact]
    public void Lines_should_be_cut_wherever_the_reads_end()
    {
        const string Text = "one\n\ntwo\nthree";
        for (var first = 0; first <= Text.Length; first++)
        {
            for (var second = first; second <= Text.Length; second++)
            {
                var lines = Read(Pieces(Text[..first], Text[first..second], Text[second..]));
                Assert.Equal(["one", "", "two", "three"], Texts(lines));
                Assert.Equal([1, 2, 3, 4], lines.Select(line => line.Number));
                Assert.Equal([0, 4, 5, 9], lines.Select(line => line.StartPosition));
            }
        }
    }

    [Fact]
    public void Random_lines_should_survive_random_reads()
    {
        var random = new Random(7);
        var expected = new List<string>();
        for (var index = 0; index < 300; index++)
            expected.Add(
                new string((char)('a' + index % 26), random.Next(10) == 0 ? random.Next(200_000) : random.Next(300)));
        var all = Encoding.UTF8.GetBytes(string.Join('\n', expected) + "\n");
        var pieces = new List<byte[]>();
        for (var at = 0; at < all.Length;)
        {
            var length = Math.Min(all.Length - at, random.Next(1, 100_000));
            pieces.Add(all[at..(at + length)]);
            at += length;
        }

        var lines = Read(pieces);
        Assert.Equal(expected, Texts(lines));
        long position = 0;
        foreach (var line in lines)
        {
            Assert.Equal(position, line.StartPosition);
            position += line.Bytes.Length + 1;
        }
    }

    [Fact]
    public void Input_without_anything_should_have_no_line() => Assert.Empty(Read(Pieces("")));

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100_000)]
    public void Line_that_is_too_long_should_be_passed_over_and_noted(int pieceLength)
    {
        const int Most = 1024;
        var text =
            $"a\n{new string('x', Most)}\n{new string('y', Most + 1)}\nb\n{new string('z', 200_000)}\n\nc\n"
            + new string('w', Most + 1);
        var pieces = text.Chunk(pieceLength).Select(piece => Encoding.UTF8.GetBytes(piece));
        var lines = Read(pieces, Most);
        Assert.Equal(["a", new string('x', Most), "b", "", "c"], Texts(lines));
        Assert.Equal([1, 2, 4, 6, 7], lines.Select(line => line.Number));
        Assert.Equal(text.IndexOf('b', StringComparison.Ordinal), lines[2].StartPosition);
        Assert.Equal(text.IndexOf('c', StringComparison.Ordinal), lines[4].StartPosition);
        Assert.Equal(
            new[] { 3, 5, 8 }.Select(number => $"line {number} is skipped: it is longer than {Most} bytes"),
            _notes.Select(note => note[..note.IndexOf(" (", StringComparison.Ordinal)]));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(1000)]
    public void Byte_order_mark_at_the_start_should_be_passed_over_and_nowhere_else(int pieceLength)
    {
        const string Mark = "\uFEFF";
        Assert.Equal(["a", $"{Mark}b"], Texts(Read(BytePieces($"{Mark}a\n{Mark}b", pieceLength))));
        Assert.Equal(["a"], Texts(Read(BytePieces($"{Mark}a", pieceLength))));
        Assert.Equal(["", $"{Mark}a"], Texts(Read(BytePieces($"\n{Mark}a", pieceLength))));
        Assert.Equal([$"{Mark}a"], Texts(Read(BytePieces($"{Mark}{Mark}a", pieceLength))));
        Assert.Empty(Read(BytePieces(Mark, pieceLength)));
        string longest = new('x', 1024);
        Assert.Equal([longest], Texts(Read(BytePieces($"{Mark}{longest}\n", pieceLength), 1024)));
    }

    [Theory]
    [InlineData(100)]
    [InlineData(100_000)]
    public void Line_that_is_too_long_should_be_sent_as_its_head_where_that_tells_who_asked(int pieceLength)
    {
        string rest = new('x', 2000);
        var text = $$$"""
            {"id":1,"src":"c\"1","dest":"n1","body":{"msg_id":7,"o":[{"type":1}],"type":"echo","echo":"{{{rest}}}"}}
            {"src":"c1","body":{"msg_id":8,"payload":"{{{rest}}}","type":"wal_append"}}
            {"src":"c1","body":{"payload":"{{{rest}}}","msg_id":9,"type":"wal_append"}}
            {"body":{"msg_id":10,"payload":"{{{rest}}}"},"src":"c1"}
            {"src":"c1","body":{"msg_id":11},{{{rest}}}}
            {"src":"c1","body":{"in_reply_to":3,"msg_id":12,"payload":"{{{rest}}}"}}
            {"src":"c1","body":{"type":"short"}}

            """;
        var lines = Read(BytePieces(text, pieceLength), 1024);
        Assert.Equal(
            [
                """{"src":"c\"1","dest":"n1","body":{"msg_id":7,"type":"echo"}}""",
                """{"src":"c1","body":{"msg_id":8}}""",
                """{"src":"c1","body":{"msg_id":12,"in_reply_to":3}}""",
                """{"src":"c1","body":{"type":"short"}}""",
            ],
            Texts(lines));
        Assert.Equal([(1, true), (2, true), (6, true), (7, false)], lines.Select(line => (line.Number, line.IsHead)));
        Assert.Equal(["line 3", "line 4", "line 5"], _notes.Select(note => note[..6]));
    }

    [Fact]
    public void Line_that_is_too_long_should_not_be_held()
    {
        const int Most = 16 << 20;
        var piece = new byte[1 << 20];
        Array.Fill(piece, (byte)'x');
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Empty(Read(Enumerable.Repeat(piece, 1024), Most));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4L * Most);
        Assert.Single(_notes);
    }

    [Fact]
    public void Sent_lines_should_never_be_written_again()
    {
        var random = new Random(3);
        var lines = new List<(InputLine Line, string Copy)>();
        var credit = new InputCredit(long.MaxValue);
        var pieces = Enumerable.Range(0, 2000).Select(_ => Encoding.UTF8.GetBytes(
            new string((char)random.Next('a', 'z'), random.Next(0, 3000)) + (random.Next(3) == 0 ? "\n" : "")));
        new LineReader(
            new PieceStream(pieces),
            4096,
            credit,
            () => 0,
            message =>
            {
                if (message is InputBlock block)
                    lines.Add((new InputLine(block.Lines, 0, 0), Encoding.UTF8.GetString(block.Lines.Span)));
            },
            _notes.Add).Run();
        Assert.All(lines, line => Assert.Equal(line.Copy, Encoding.UTF8.GetString(line.Line.Bytes.Span)));
    }

    [Fact]
    public void Failing_input_should_end_with_a_problem()
    {
        object? last = null;
        new LineReader(new FailingStream(), 1024, new InputCredit(1), () => 0, message => last = message, _notes.Add)
            .Run();
        Assert.Contains("no more", Assert.IsType<InputEnded>(last).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reading_should_stop_while_there_is_no_credit()
    {
        var credit = new InputCredit(10);
        credit.Reserve(4);
        credit.Reserve(6);
        var third = Task.Run(() => credit.Reserve(100));
        credit.Release(4);
        Assert.False(third.IsCompleted);
        credit.Release(6);
        await third;
    }

    private sealed class PieceStream(IEnumerable<byte[]> pieces) : MemoryStream
    {
        private readonly IEnumerator<byte[]> _pieces = pieces.GetEnumerator();
        private ReadOnlyMemory<byte> _rest;

        public override int Read(byte[] buffer, int offset, int count)
        {
            while (_rest.IsEmpty)
            {
                if (!_pieces.MoveNext()) return 0;
                _rest = _pieces.Current;
            }

            var length = Math.Min(count, _rest.Length);
            _rest.Span[..length].CopyTo(buffer.AsSpan(offset));
            _rest = _rest[length..];
            return length;
        }
    }

    private sealed class FailingStream : MemoryStream
    {
        public override int Read(byte[] buffer, int offset, int count) => throw new IOException("no more");
    }
}
