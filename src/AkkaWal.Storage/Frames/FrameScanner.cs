using System.Runtime.CompilerServices;
using AkkaWal.Storage.Files;
using AkkaWal.Storage.Format;

namespace AkkaWal.Storage.Frames;

/// <summary>
/// Reads frames back to back from a position on and verifies each; one read of the file serves many frames. Frames are
/// verified three at a time, only so far ahead that they are still in the processor's nearest cache when the caller
/// uses them. The first read is small, because a scan may end soon. With read-ahead another thread reads each later
/// chunk while the one before it is verified. Owned by one thread. The payload is valid until the next step. Dispose it
/// before the file.
/// </summary>
/// <param name="file">The file.</param>
/// <param name="saltState">The checksum's state after the salt (<see cref="Frame.SaltState"/>).</param>
/// <param name="start">The first frame's offset and position.</param>
/// <param name="endPosition">No frame ends behind this position.</param>
/// <param name="readsAhead">Whether to read ahead: worth it where the caller does little with each frame.</param>
internal sealed class FrameScanner(
    IWalFile file, uint saltState, Watermark start, long endPosition, bool readsAhead = false) : IDisposable
{
    /// <summary>The size of the buffer; a larger frame gets a larger one.</summary>
    internal const int BufferBytes = 1 << 20;

    /// <summary>The size of the first read; larger where the first frame is.</summary>
    internal const int FirstReadBytes = 64 << 10;

    /// <summary>Room before a chunk that was read ahead, for the start of a frame that ends in the chunk.</summary>
    internal const int HeadroomBytes = 128 << 10;

    private const int VerifyAheadBytes = 8 << 10;

    private byte[] _buffer = ScanBuffers.Rent(
        (int)Math.Clamp(endPosition - start.EndPosition, Frame.HeaderBytes, FirstReadBytes));
    private ReadAhead? _ahead;
    private bool _hasRead;
    private long _bufferAt = start.EndPosition;
    private FrameHeader _header;

    // Indexes into the buffer, in this order: the current frame, the next one, the end of the verified frames (which
    // may lie before the next one), the end of the bytes.
    private int _current, _next, _verifiedTo, _bufferCount;

    /// <summary>
    /// The current frame's offset after a step that returned true; else the offset that was not found.
    /// </summary>
    internal long Offset { get; private set; } = start.NextOffset - 1;

    /// <summary>
    /// The current frame's position after a step that returned true; else that of the first bad byte.
    /// </summary>
    internal long Position => _bufferAt + _current;

    /// <summary>The end of the current frame.</summary>
    internal long NextPosition => _bufferAt + _next;

    /// <summary>Whether the current frame's batch goes on in the next one.</summary>
    internal bool Continues => _header.Continues;

    /// <summary>The current frame, its header included.</summary>
    internal ReadOnlySpan<byte> FrameBytes => _buffer.AsSpan(_current, (int)_header.FrameBytes);

    internal ReadOnlySpan<byte> Payload => _buffer.AsSpan(_current + Frame.HeaderBytes, _header.PayloadBytes);

    /// <summary>
    /// What is wrong at <see cref="Position"/>, for operators; null while nothing is, and at the end.
    /// </summary>
    internal string? Fault { get; private set; }

    /// <summary>Steps to the next frame; false at the end and at the first bad frame.</summary>
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

    /// <summary>Verifies the next frames in the buffer; false where there are no three good ones.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private bool TryVerifyAhead()
    {
        var ahead = _buffer.AsSpan(_current, Math.Min(_bufferCount - _current, Frame.MaxPayloadBytes));
        var offset = Offset;
        _verifiedTo = _current;
        while (_verifiedTo - _current < VerifyAheadBytes
            && Frame.ThreeMatch(ahead[(_verifiedTo - _current)..], saltState, offset, out var frameBytes))
        {
            _verifiedTo += frameBytes;
            offset += 3;
        }
        return _verifiedTo > _current;
    }

    /// <summary>Steps at the end of the buffer, to a large frame, and to a bad one.</summary>
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
            // Asked again after a fault: stay at it.
            Offset--;
            return false;
        }
        var left = endPosition - Position;
        if (left <= 0) return false;
        if (Fill(Frame.HeaderBytes) < Frame.HeaderBytes) return Fail($"{left} bytes, too few for a frame");
        if (!Frame.TryReadHeader(_buffer.AsSpan(_current, Frame.HeaderBytes), out _header))
            return Fail("no frame header");
        // Bound the length against the file before anything of that size is allocated.
        if (_header.PayloadBytes > Frame.MaxPayloadBytes || _header.FrameBytes > left)
            return Fail($"a payload of {_header.PayloadBytes} bytes where {left - Frame.HeaderBytes} are left");
        if (Fill((int)_header.FrameBytes) < _header.FrameBytes) return Fail("a frame that the file's end cuts off");
        if (!Frame.Matches(_header, Payload, saltState, Offset))
            return Fail($"a frame whose checksum is not that of offset {Offset}");
        _next = _current + (int)_header.FrameBytes;
        return true;
    }

    public void Dispose()
    {
        _ahead?.Drop();
        ScanBuffers.Return(_buffer);
        (_buffer, _bufferCount, _verifiedTo) = ([], 0, 0);
    }

    /// <summary>Fills the buffer with that many bytes from the current frame on.</summary>
    /// <returns>How many there are: fewer than wanted only at the end of the file.</returns>
    private int Fill(int wanted)
    {
        var have = _bufferCount - _current;
        if (have >= wanted) return have;
        if (_ahead is not null) have = SwitchToChunk(_ahead, have);
        if (have < wanted) have = Read(wanted, have);
        if (readsAhead && _hasRead) BeginChunk();
        _hasRead = true;
        return have;
    }

    // Makes the chunk that was read ahead the buffer, with the rest of the old one in front of it.
    private int SwitchToChunk(ReadAhead ahead, int have)
    {
        if (have > HeadroomBytes)
        {
            ahead.Drop();
            return have;
        }
        var last = _buffer;
        if (!ahead.TrySwap(ref _buffer, out var count)) return have;
        var current = HeadroomBytes - have;
        last.AsSpan(_current, have).CopyTo(_buffer.AsSpan(current));
        (_bufferAt, _current) = (Position - current, current);
        (_next, _verifiedTo, _bufferCount) = (current, current, HeadroomBytes + count);
        return have + count;
    }

    // Moves the rest to the front of the buffer and reads more behind it.
    private int Read(int wanted, int have)
    {
        var last = _buffer;
        var size = Math.Max(wanted, _hasRead ? (int)Math.Min(BufferBytes, endPosition - Position) : 0);
        if (last.Length < size) _buffer = ScanBuffers.Rent(size);
        last.AsSpan(_current, have).CopyTo(_buffer);
        if (_buffer != last) ScanBuffers.Return(last);
        _bufferAt = Position;
        (_current, _next, _verifiedTo, _bufferCount) = (0, 0, 0, have);
        // The buffer may be larger after a large frame; reads stay at the usual size unless a frame needs more.
        var room = Math.Min(_buffer.Length, Math.Max(size, BufferBytes)) - have;
        room = (int)Math.Min(room, endPosition - Position - have);
        _bufferCount += file.Read(Position + have, _buffer.AsSpan(have, room));
        return _bufferCount;
    }

    private void BeginChunk()
    {
        var position = _bufferAt + _bufferCount;
        var count = (int)Math.Min(BufferBytes - HeadroomBytes, endPosition - position);
        // Where frames do not fit into the headroom, most of a chunk would have to be read again.
        if (count > 0 && _header.FrameBytes <= HeadroomBytes && _buffer.Length <= BufferBytes)
            (_ahead ??= new ReadAhead(file)).Begin(position, HeadroomBytes, count);
    }

    private bool Fail(string fault)
    {
        Fault = fault;
        return false;
    }
}
