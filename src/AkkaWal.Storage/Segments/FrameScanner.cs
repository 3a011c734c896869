using AkkaWal.Storage.Format;
using AkkaWal.Storage.IO;

namespace AkkaWal.Storage.Segments;

/// <summary>
/// Walks frames back to back from a position on, verifying each, with one read for many. Owned by one thread; the
/// payload is valid until the next step.
/// </summary>
internal sealed class FrameScanner(IWalFile file, uint saltState, Watermark start, long endPosition, int maxPayloadBytes)
{
    private const int ReadBytes = 256 << 10;

    private byte[] _buffer = new byte[(int)Math.Clamp(endPosition - start.EndPosition, Frame.HeaderBytes, ReadBytes)];
    private long _bufferAt = start.EndPosition;
    private int _bufferCount;
    private FrameHeader _header;

    /// <summary>The current frame's offset once a step succeeded; afterwards the one that was looked for in vain.</summary>
    internal long Offset { get; private set; } = start.NextOffset - 1;

    /// <summary>The current frame's position once a step succeeded; afterwards that of the first byte that is no frame.</summary>
    internal long Position { get; private set; } = start.EndPosition;

    /// <summary>The position behind the current frame.</summary>
    internal long NextPosition { get; private set; } = start.EndPosition;

    /// <summary>Whether the current frame's batch goes on in the next one.</summary>
    internal bool Continues => _header.Continues;

    /// <summary>The current frame, its header included.</summary>
    internal ReadOnlySpan<byte> FrameBytes => _buffer.AsSpan((int)(Position - _bufferAt), (int)_header.FrameBytes);

    internal ReadOnlySpan<byte> Payload => _buffer.AsSpan((int)(Position - _bufferAt) + Frame.HeaderBytes, _header.PayloadBytes);

    /// <summary>Why the walk stopped: null at the end of the file or in zeros, else what is wrong at <see cref="Position"/>.</summary>
    internal string? Fault { get; private set; }

    /// <summary>Steps to the next frame; false at the end and at the first thing that is none.</summary>
    internal bool MoveNext()
    {
        Position = NextPosition;
        Offset++;
        if (Position >= endPosition) return false;
        if (Fill(Frame.HeaderBytes) < Frame.HeaderBytes) return Fail($"{endPosition - Position} bytes, too few for a frame");
        var at = (int)(Position - _bufferAt);
        if (!Frame.TryReadHeader(_buffer.AsSpan(at, Frame.HeaderBytes), out _header)) return Fail("no frame header");
        // Bound the length against the file before anything of that size is allocated.
        if (_header.PayloadBytes > maxPayloadBytes || _header.FrameBytes > endPosition - Position)
            return Fail($"a payload of {_header.PayloadBytes} bytes where {endPosition - Position - Frame.HeaderBytes} are left");
        if (Fill((int)_header.FrameBytes) < _header.FrameBytes) return Fail("a frame that the file's end cuts off");
        if (!Frame.Matches(_header, Payload, saltState, Offset)) return Fail($"a frame whose checksum is not that of offset {Offset}");
        NextPosition = Position + _header.FrameBytes;
        return true;
    }

    /// <summary>Has that many bytes from the current position on in the buffer, or as many as there are.</summary>
    private int Fill(int wanted)
    {
        var at = (int)(Position - _bufferAt);
        var have = _bufferCount - at;
        if (have >= wanted) return have;
        if (wanted > _buffer.Length) Array.Resize(ref _buffer, wanted);
        _buffer.AsSpan(at, have).CopyTo(_buffer);
        _bufferAt = Position;
        var room = (int)Math.Min(_buffer.Length - have, endPosition - Position - have);
        _bufferCount = have + file.Read(Position + have, _buffer.AsSpan(have, room));
        return _bufferCount;
    }

    private bool Fail(string fault)
    {
        Fault = fault;
        return false;
    }
}
