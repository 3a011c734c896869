using System.Buffers.Binary;
using System.Collections.Concurrent;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.IO;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Storage.Tests.Segments;

/// <summary>A long walk has its next chunk read by another thread: what it brings must be the same, whatever becomes of that read.</summary>
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
        // The third read is not asked for by this thread, which stands still meanwhile.
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
        // It begins in what the second read brings, and ends behind it.
        _file = new FrameFile((int)((FrameScanner.FirstReadBytes + FrameScanner.ReadBytes - (200 << 10)) / Frame.SizeOf(PayloadBytes)));
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
        _file.BeforeRead = isAhead =>
        {
            if (isAhead) throw new WalIOException("read", _file.Path, false, "a test");
        };
        using var walk = Walk();
        for (var i = 0; i < Records; i++)
        {
            Assert.True(walk.MoveNext());
            AssertIs(i, walk);
        }
        Assert.False(walk.MoveNext());
        Assert.Null(walk.Fault);
    }

    [Fact]
    public void Step_should_be_possible_again_after_a_read_failed()
    {
        // Every other read by this thread fails, the first one first.
        var (isToFail, failures) = (true, 0);
        _file.BeforeRead = isAhead =>
        {
            if (isAhead) return;
            isToFail = !isToFail;
            if (!isToFail) throw new WalIOException("read", _file.Path, false, "a test");
        };
        using var walk = Walk();
        for (var i = 0; i < Records; i++)
        {
            while (!TryStep()) failures++;
            AssertIs(i, walk);
        }
        Assert.False(walk.MoveNext());
        Assert.True(failures >= 2, $"{failures} failures");

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

    [Fact]
    public void Chunk_that_nobody_has_begun_should_be_taken_back()
    {
        // Dropped or taken before a thread of the pool came to it, or after: what is asked for last is what is read.
        var ahead = new ReadAhead(_file);
        for (var i = 0; i < 1_000; i++)
        {
            var position = (long)i * PayloadBytes;
            var buffer = Array.Empty<byte>();
            ahead.Begin(position, 10, PayloadBytes);
            if (i % 3 == 0)
            {
                ahead.Drop();
                Assert.False(ahead.TryTake(ref buffer, out _));
            }
            else if (ahead.TryTake(ref buffer, out var count))
            {
                Assert.Equal(PayloadBytes, count);
                Assert.True(_file.Bytes(position, PayloadBytes).SequenceEqual(buffer.AsSpan(10, count)));
            }
        }
    }

    /// <summary>Frames in memory, which tells its owner's reads from those ahead.</summary>
    private sealed class FrameFile : ImmutableFile
    {
        private const int LargeBytes = 300 << 10;

        private readonly int _largeRecord;
        private readonly byte[] _bytes;
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

        internal Action<bool> BeforeRead { get; set; } = static _ => { };

        internal Action<bool> AfterRead { get; set; } = static _ => { };

        internal int SizeOf(int record) => record == _largeRecord ? LargeBytes : PayloadBytes;

        internal ReadOnlySpan<byte> Bytes(long position, int count) => _bytes.AsSpan((int)position, count);

        public override int Read(long position, Span<byte> buffer)
        {
            var isAhead = Environment.CurrentManagedThreadId != _owner;
            BeforeRead(isAhead);
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
