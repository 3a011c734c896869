using System.Runtime.CompilerServices;
using AkkaWal.Storage.Files;
using AkkaWal.Storage.Format;

namespace AkkaWal.Storage.Frames;

/// <summary>
/// Walks frames back to back from a position on, verifying each, with one read for many. Frames are verified three at a time, as far
/// ahead as keeps them in the processor's nearest cache until they are asked for. A walk begins with a small read, for it may be over soon; one that
/// reads ahead has each later chunk read by another thread while the one before it is verified. Owned by one thread; the payload is valid until the
/// next step. To be disposed before the file is.
/// </summary>
/// <param name="file">The file.</param>
/// <param name="saltState">What the checksums begin with.</param>
/// <param name="start">Where to begin.</param>
/// <param name="endPosition">Where the last frame ends at the latest.</param>
/// <param name="readsAhead">Whether it reads ahead: worth it where what is done with a frame takes little beside its copy out of the page cache.</param>
internal sealed class FrameScanner(IWalFile file, uint saltState, Watermark start, long endPosition, bool readsAhead = false) : IDisposable
{
    /// <summary>What the buffer holds, larger frames aside.</summary>
    internal const int BufferBytes = 1 << 20;

    /// <summary>What the first read takes, a larger frame aside.</summary>
    internal const int FirstReadBytes = 64 << 10;

    /// <summary>Room before a chunk that was read ahead, for the frame that begins in the chunk before it.</summary>
    internal const int HeadroomBytes = 128 << 10;

    private const int VerifyAheadBytes = 8 << 10;

    private byte[] _buffer = ScanBuffers.Rent((int)Math.Clamp(endPosition - start.EndPosition, Frame.HeaderBytes, FirstReadBytes));
    private ReadAhead? _ahead;
    private bool _hasRead;
    private long _bufferAt = start.EndPosition;
    private FrameHeader _header;

    // Indexes into the buffer: the current frame's, the next one's, up to where frames are whole and verified, up to where there are bytes.
    private int _current, _next, _verifiedTo, _bufferCount;

    /// <summary>The current frame's offset once a step succeeded; afterwards the one that was looked for in vain.</summary>
    internal long Offset { get; private set; } = start.NextOffset - 1;

    /// <summary>The current frame's position once a step succeeded; afterwards that of the first byte that is no frame.</summary>
    internal long Position => _bufferAt + _current;

    /// <summary>The position behind the current frame.</summary>
    internal long NextPosition => _bufferAt + _next;

    /// <summary>Whether the current frame's batch goes on in the next one.</summary>
    internal bool Continues => _header.Continues;

    /// <summary>The current frame, its header included.</summary>
    internal ReadOnlySpan<byte> FrameBytes => _buffer.AsSpan(_current, (int)_header.FrameBytes);

    internal ReadOnlySpan<byte> Payload => _buffer.AsSpan(_current + Frame.HeaderBytes, _header.PayloadBytes);

    /// <summary>Why the walk stopped: null at the end, else what is wrong at <see cref="Position"/>.</summary>
    internal string? Fault { get; private set; }

    /// <summary>Steps to the next frame; false at the end and at the first thing that is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool MoveNext()
    {
        var at = _current = _next;
        Offset++;
        if (at >= _verifiedTo && !TryVerifyAhead()) return MoveNextAlone();
        Frame.TryReadHeader(_buffer.AsSpan(at), out var header);
        _header = header;
        _next = at + Frame.HeaderBytes + header.PayloadBytes;
        return true;
    }

    /// <summary>Verifies what comes next in the buffer; false where that is less than three good frames.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private bool TryVerifyAhead()
    {
        var ahead = _buffer.AsSpan(_current, Math.Min(_bufferCount - _current, Frame.MaxPayloadBytes));
        var offset = Offset;
        _verifiedTo = _current;
        while (_verifiedTo - _current < VerifyAheadBytes && Frame.ThreeMatch(ahead[(_verifiedTo - _current)..], saltState, offset, out var frameBytes))
        {
            _verifiedTo += frameBytes;
            offset += 3;
        }
        return _verifiedTo > _current;
    }

    /// <summary>Takes a step at the end of the buffer, to a large frame, and to whatever is wrong.</summary>
    /// <exception cref="WalIOException">The file could not be read; the step may be tried again.</exception>
    private bool MoveNextAlone()
    {
        try
        {
            return TryMoveNextAlone();
        }
        catch
        {
            Offset--;
            throw;
        }
    }

    private bool TryMoveNextAlone()
    {
        if (Fault is not null)
        {
            // Asked again: it is still there.
            Offset--;
            return false;
        }
        var left = endPosition - Position;
        if (left <= 0) return false;
        if (Fill(Frame.HeaderBytes) < Frame.HeaderBytes) return Fail($"{left} bytes, too few for a frame");
        if (!Frame.TryReadHeader(_buffer.AsSpan(_current, Frame.HeaderBytes), out _header)) return Fail("no frame header");
        // Bound the length against the file before anything of that size is allocated.
        if (_header.PayloadBytes > Frame.MaxPayloadBytes || _header.FrameBytes > left)
            return Fail($"a payload of {_header.PayloadBytes} bytes where {left - Frame.HeaderBytes} are left");
        if (Fill((int)_header.FrameBytes) < _header.FrameBytes) return Fail("a frame that the file's end cuts off");
        if (!Frame.Matches(_header, Payload, saltState, Offset)) return Fail($"a frame whose checksum is not that of offset {Offset}");
        _next = _current + (int)_header.FrameBytes;
        return true;
    }

    public void Dispose()
    {
        _ahead?.Drop();
        ScanBuffers.Return(_buffer);
        (_buffer, _bufferCount, _verifiedTo) = ([], 0, 0);
    }

    /// <summary>Has that many bytes from the current frame on in the buffer, or as many as there are.</summary>
    private int Fill(int wanted)
    {
        var have = _bufferCount - _current;
        if (have >= wanted) return have;
        if (_ahead is not null) have = TakeChunk(_ahead, have);
        if (have < wanted) have = Read(wanted, have);
        if (readsAhead && _hasRead) BeginChunk();
        _hasRead = true;
        return have;
    }

    // What is left of this chunk comes before the one that was read ahead.
    private int TakeChunk(ReadAhead ahead, int have)
    {
        if (have > HeadroomBytes)
        {
            ahead.Drop();
            return have;
        }
        var last = _buffer;
        if (!ahead.TryTake(ref _buffer, out var count)) return have;
        var current = HeadroomBytes - have;
        last.AsSpan(_current, have).CopyTo(_buffer.AsSpan(current));
        (_bufferAt, _current) = (Position - current, current);
        (_next, _verifiedTo, _bufferCount) = (current, current, HeadroomBytes + count);
        return have + count;
    }

    // What is left moves to the front, and more comes behind it.
    private int Read(int wanted, int have)
    {
        var last = _buffer;
        var size = Math.Max(wanted, _hasRead ? (int)Math.Min(BufferBytes, endPosition - Position) : 0);
        if (last.Length < size) _buffer = ScanBuffers.Rent(size);
        last.AsSpan(_current, have).CopyTo(_buffer);
        if (_buffer != last) ScanBuffers.Return(last);
        _bufferAt = Position;
        (_current, _next, _verifiedTo, _bufferCount) = (0, 0, 0, have);
        // One that held a large frame stays, for the next one; no read is as large without need.
        var room = (int)Math.Min(Math.Min(_buffer.Length, Math.Max(size, BufferBytes)) - have, endPosition - Position - have);
        _bufferCount += file.Read(Position + have, _buffer.AsSpan(have, room));
        return _bufferCount;
    }

    private void BeginChunk()
    {
        var position = _bufferAt + _bufferCount;
        var count = (int)Math.Min(BufferBytes - HeadroomBytes, endPosition - position);
        // Where frames do not fit into the headroom, most of what was read ahead would be read anew.
        if (count > 0 && _header.FrameBytes <= HeadroomBytes && _buffer.Length <= BufferBytes) (_ahead ??= new ReadAhead(file)).Begin(position, HeadroomBytes, count);
    }

    private bool Fail(string fault)
    {
        Fault = fault;
        return false;
    }
}
