using System.Diagnostics.CodeAnalysis;
using AkkaWal.Storage.Files;

namespace AkkaWal.Storage.Frames;

/// <summary>
/// Reads a file's next chunk on a thread of the pool, while its owner works on the chunk before. The owner never waits for a thread to come free: what
/// nobody has begun by the time that it is needed is the owner's to read. One chunk at a time, for one owner.
/// </summary>
internal sealed class ReadAhead(IWalFile file) : IThreadPoolWorkItem
{
    private readonly object _changing = new();
    private State _state;
    private byte[] _buffer = [];
    private int _start, _count;
    private long _position;

    private enum State
    {
        Idle, Asked, Reading, Read, Failed,
    }

    /// <summary>Asks for a chunk. The one before it has been taken or dropped.</summary>
    /// <param name="position">Where it is in the file.</param>
    /// <param name="start">Where it is to come in the buffer: what is before is the owner's to fill.</param>
    /// <param name="count">Its bytes.</param>
    internal void Begin(long position, int start, int count)
    {
        if (_buffer.Length < start + count)
        {
            LetGoOfBuffer();
            _buffer = ScanBuffers.Rent(start + count);
        }
        lock (_changing) (_position, _start, _count, _state) = (position, start, count, State.Asked);
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <summary>Takes the chunk that was asked for, and gives a buffer of the pool for it.</summary>
    /// <param name="buffer">The owner's own; the chunk's where it succeeds.</param>
    /// <param name="count">The chunk's bytes: less than were asked for only at the end of the file.</param>
    /// <returns>False where there is none: nothing was asked for, nobody has begun it, or it could not be read.</returns>
    internal bool TryTake(ref byte[] buffer, out int count)
    {
        var isRead = Settle();
        count = _count;
        if (isRead) (buffer, _buffer) = (_buffer, buffer);
        return isRead;
    }

    /// <summary>Forgets the chunk that was asked for, and gives the buffer back; the file is not read any more when this returns.</summary>
    internal void Drop()
    {
        Settle();
        LetGoOfBuffer();
    }

    /// <summary>For the pool: reads what is asked for, if nobody has begun it.</summary>
    [SuppressMessage("Design", "CA1031", Justification = "Whatever went wrong goes wrong again for the owner, who can tell somebody; here it would end the process.")]
    public void Execute()
    {
        lock (_changing)
        {
            // The owner took it back, or another call has it: one that was queued for a chunk that was taken back.
            if (_state != State.Asked) return;
            _state = State.Reading;
        }
        var end = State.Failed;
        try
        {
            _count = file.Read(_position, _buffer.AsSpan(_start, _count));
            end = State.Read;
        }
        catch (Exception)
        {
            // The owner reads for itself, and is told.
        }
        finally
        {
            lock (_changing)
            {
                _state = end;
                Monitor.Pulse(_changing);
            }
        }
    }

    // Whether a chunk was read; from here on nobody is at it.
    private bool Settle()
    {
        lock (_changing)
        {
            while (_state == State.Reading) Monitor.Wait(_changing);
            var isRead = _state == State.Read;
            _state = State.Idle;
            return isRead;
        }
    }

    // Forgotten before another is asked for: one that was given back twice would be two owners'.
    private void LetGoOfBuffer()
    {
        var last = _buffer;
        _buffer = [];
        ScanBuffers.Return(last);
    }
}
