using System.Collections.Concurrent;
using System.Text;
using AkkaWal.Node.Output;

namespace AkkaWal.Node.Tests.Output;

public sealed class OutputWriterSpec : IDisposable
{
    private readonly GatedStream _stream = new();
    private readonly BlockingCollection<object> _events = [];
    private readonly HashSet<byte[]> _rented = [];

    public void Dispose()
    {
        _stream.Dispose();
        _events.Dispose();
    }

    private OutputWriter Start(int limitBytes)
    {
        var writer = new OutputWriter(_stream, limitBytes);
        writer.Start(_events.Add);
        return writer;
    }

    private static OutputBuffer Bytes(string text) =>
        new(Encoding.UTF8.GetBytes(text), Encoding.UTF8.GetByteCount(text));

    private OutputBuffer Rented(OutputWriter writer, string text)
    {
        var array = writer.Rent();
        _rented.Add(array);
        return new OutputBuffer(array, Encoding.UTF8.GetBytes(text, array));
    }

    [Fact]
    public void Bytes_should_be_written_in_order_before_it_is_closed()
    {
        var writer = Start(1 << 20);
        for (var index = 0; index < 1000; index++) Assert.True(writer.Offer(Bytes($"{index}\n")));
        writer.Close();
        Assert.IsType<OutputClosed>(_events.Take());
        Assert.Equal(Enumerable.Range(0, 1000).Select(index => $"{index}"), _stream.Lines);
    }

    [Fact]
    public void Offer_should_tell_that_there_is_no_room_and_an_event_that_there_is()
    {
        _stream.Stop();
        var writer = Start(10);
        Assert.True(writer.Offer(Bytes("12345\n")));
        Assert.False(writer.Offer(Bytes("67890\n")));
        Assert.Empty(_events);
        _stream.GoOn();
        Assert.IsType<OutputDrained>(_events.Take());
        Assert.True(writer.Offer(Bytes("x\n")));
        writer.Close();
        Assert.IsType<OutputClosed>(_events.Take());
        Assert.Equal(["12345", "67890", "x"], _stream.Lines);
    }

    [Fact]
    public void Small_buffers_that_wait_should_share_an_array()
    {
        _stream.Stop();
        var writer = Start(1 << 20);
        for (var index = 0; index < 1000; index++) Assert.True(writer.Offer(Rented(writer, $"{index}\n")));
        Assert.InRange(_rented.Count, 1, 4);
        _stream.GoOn();
        writer.Close();
        Assert.IsType<OutputClosed>(_events.Take());
        Assert.Equal(Enumerable.Range(0, 1000).Select(index => $"{index}"), _stream.Lines);
    }

    [Fact]
    public void Reader_that_is_gone_should_be_told()
    {
        _stream.GoAway();
        var writer = Start(10);
        writer.Offer(Bytes("x\n"));
        Assert.Equal(new OutputFailed("broken pipe"), _events.Take());
    }

    [Fact]
    public void Arrays_should_be_used_again()
    {
        var writer = Start(1 << 20);
        var first = writer.Rent();
        writer.Offer(new OutputBuffer(first, 1));
        writer.Close();
        Assert.IsType<OutputClosed>(_events.Take());
        Assert.Same(first, writer.Rent());
        Assert.NotSame(first, writer.Rent());
    }
}
