using System.Buffers.Binary;
using System.Collections.Concurrent;
using AkkaWal.Storage.Files.Wrappers;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Frames;

namespace AkkaWal.Storage.Tests.Frames;

/// <summary>
/// A long scan has its next chunk read by another thread. The records must be the same, whatever happens to that read.
/// </summary>
public sealed class ReadAheadSpec
{
    private const int Records = 40_000, PayloadBytes = 100;
    private const uint Salt = 7;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private FrameFile _file = new(-1);

    private FrameScanner Walk() =>
        new(_file, Frame.SaltState(Salt), new Watermark(0, 0), _file.LengthBytes, readsAhead: true);

    private void AssertIs(int record, FrameScanner walk)
    {
        Assert.Equal(record, walk.Offset);
        Assert.Equal(_file.SizeOf(record), walk.Payload.Length);
        Assert.Equal(record, BinaryPrimitives.ReadInt32LittleEndian(walk.Payload));
    }

    [Fact]
    public void Walk_should_take_what_was_read_ahead()
    {
        using var walk = Walk();
        var next = 0;
        while (_file.Reads.Count < 2) AssertStep();
        // The third read is made by another thread, while this one waits.
        Assert.True(SpinWait.SpinUntil(() => !_file.Ahead.IsEmpty, Patience));
        while (next < Records) AssertStep();
        Assert.False(walk.MoveNext());
        Assert.Null(walk.Fault);
        Assert.DoesNotContain(_file.Ahead.First(), _file.Reads);

        void AssertStep()
        {
            Assert.True(walk.MoveNext());
            AssertIs(next++, walk);
        }
    }

    [Fact]
    public void Record_too_large_to_stand_before_a_chunk_should_be_brought_whole()
    {
        // The record begins in the bytes of the second read and ends behind them.
        _file = new FrameFile(
            (int)((FrameScanner.FirstReadBytes + FrameScanner.BufferBytes - (200 << 10)) / Frame.SizeOf(PayloadBytes)));
        using var walk = Walk();
        for (var i = 0; i < Records; i++)
        {
            Assert.True(walk.MoveNext());
            AssertIs(i, walk);
            if (_file.Reads.Count == 2) Assert.True(SpinWait.SpinUntil(() => !_file.Ahead.IsEmpty, Patience));
        }
        Assert.False(walk.MoveNext());
        Assert.Null(walk.Fault);
    }

    [Fact]
    public void Walk_should_read_for_itself_what_could_not_be_read_ahead()
    {
        var attempts = 0;
        _file.BeforeRead = isAhead =>
        {
            if (!isAhead) return;
            Interlocked.Increment(ref attempts);
            // An exception that no failing file throws, but a file system of another author may.
            throw new InvalidOperationException("a test");
        };
        using var walk = Walk();
        for (var i = 0; i < Records; i++)
        {
            Assert.True(walk.MoveNext());
            AssertIs(i, walk);
            if (_file.Reads.Count == 2)
                Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref attempts) > 0, Patience));
        }
        Assert.False(walk.MoveNext());
        Assert.Null(walk.Fault);
    }

    [Fact]
    public void Step_should_be_possible_again_after_a_read_failed()
    {
        // All reads ahead fail, and every second one by this thread, beginning with the first.
        var (isToFail, failures) = (true, 0);
        _file.BeforeRead = isAhead =>
        {
            if (!isAhead) isToFail = !isToFail;
            if (isAhead || !isToFail) throw new WalIOException("read", _file.Path, false, "a test");
        };
        using var walk = Walk();
        for (var i = 0; i < Records; i++)
        {
            while (!TryStep()) failures++;
            AssertIs(i, walk);
        }
        Assert.False(walk.MoveNext());
        Assert.InRange(failures, (int)(_file.LengthBytes / FrameScanner.BufferBytes), Records);

        bool TryStep()
        {
            try
            {
                Assert.True(walk.MoveNext());
                return true;
            }
            catch (WalIOException)
            {
                return false;
            }
        }
    }

    [Fact]
    public void File_should_not_be_read_any_more_once_the_walk_is_disposed()
    {
        for (var round = 0; round < 20; round++)
        {
            using var begun = new ManualResetEventSlim();
            using var go = new ManualResetEventSlim();
            var reading = 0;
            _file.BeforeRead = isAhead =>
            {
                if (!isAhead) return;
                Interlocked.Increment(ref reading);
                begun.Set();
                go.Wait(Patience);
            };
            _file.AfterRead = isAhead =>
            {
                if (isAhead) Interlocked.Decrement(ref reading);
            };
            var walk = Walk();
            _file.Reads.Clear();
            while (_file.Reads.Count < 2) Assert.True(walk.MoveNext());
            Assert.True(begun.Wait(Patience));
            go.Set();
            walk.Dispose();
            Assert.Equal(0, Volatile.Read(ref reading));
        }
    }

    // The pool may run the work before, after or during this call; the assertions hold in each case.
    [Fact]
    public void Work_that_comes_too_late_should_read_nothing()
    {
        var ahead = new ReadAhead(_file);
        var buffer = Array.Empty<byte>();
        for (var i = 0; i < 1_000; i++)
        {
            ahead.Begin(0, 10, PayloadBytes);
            ahead.Drop();
            var reads = _file.ReadCount;
            ahead.Execute();
            Assert.Equal(reads, _file.ReadCount);
            Assert.False(ahead.TrySwap(ref buffer, out _));
        }
    }

    [Fact]
    public void Chunk_should_be_read_once_and_be_what_was_asked_for_last()
    {
        var ahead = new ReadAhead(_file);
        for (var i = 0; i < 1_000; i++)
        {
            var position = (long)i * PayloadBytes;
            ahead.Begin(position + 1, 20, PayloadBytes);
            ahead.Drop();
            var reads = _file.ReadCount;
            ahead.Begin(position, 10, PayloadBytes);
            ahead.Execute();
            ahead.Execute();
            var buffer = Array.Empty<byte>();
            Assert.True(ahead.TrySwap(ref buffer, out var count));
            Assert.Equal(PayloadBytes, count);
            Assert.True(_file.Bytes(position, PayloadBytes).SequenceEqual(buffer.AsSpan(10, count)));
            Assert.Equal(reads + 1, _file.ReadCount);
        }
    }

    /// <summary>Frames in memory. It counts the reads of the owner's thread and those ahead separately.</summary>
    private sealed class FrameFile : ImmutableFile
    {
        private const int LargeBytes = 300 << 10;

        private readonly int _largeRecord;
        private readonly byte[] _bytes;
        private int _readCount;
        private readonly int _owner = Environment.CurrentManagedThreadId;

        internal FrameFile(int largeRecord)
        {
            _largeRecord = largeRecord;
            _bytes = new byte[Enumerable.Range(0, Records).Sum(record => Frame.SizeOf(SizeOf(record)))];
            var position = 0;
            for (var i = 0; i < Records; i++)
            {
                var payload = new byte[SizeOf(i)];
                BinaryPrimitives.WriteInt32LittleEndian(payload, i);
                Frame.Encode(_bytes.AsSpan(position), payload, Frame.SaltState(Salt), i, false);
                position += (int)Frame.SizeOf(payload.Length);
            }
        }

        public override string Path => "frames";

        public override long LengthBytes => _bytes.Length;

        internal List<long> Reads { get; } = [];

        internal ConcurrentQueue<long> Ahead { get; } = [];

        internal int ReadCount => Volatile.Read(ref _readCount);

        internal Action<bool> BeforeRead { get; set; } = static _ => { };

        internal Action<bool> AfterRead { get; set; } = static _ => { };

        internal int SizeOf(int record) => record == _largeRecord ? LargeBytes : PayloadBytes;

        internal ReadOnlySpan<byte> Bytes(long position, int count) => _bytes.AsSpan((int)position, count);

        public override int Read(long position, Span<byte> buffer)
        {
            var isAhead = Environment.CurrentManagedThreadId != _owner;
            BeforeRead(isAhead);
            Interlocked.Increment(ref _readCount);
            var count = (int)Math.Min(buffer.Length, LengthBytes - position);
            Bytes(position, count).CopyTo(buffer);
            if (isAhead) Ahead.Enqueue(position);
            else Reads.Add(position);
            AfterRead(isAhead);
            return count;
        }

        public override void Dispose()
        {
        }
    }
}
