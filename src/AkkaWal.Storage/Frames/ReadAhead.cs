using System.Diagnostics.CodeAnalysis;
using AkkaWal.Storage.Files;

namespace AkkaWal.Storage.Frames;

/// <summary>
/// Reads a file's next chunk on a thread of the pool, while the owner works on the chunk before it. The owner never
/// waits for a pool thread to become free: it reads a chunk itself that no thread has begun when it is needed. One
/// chunk at a time, for one owner.
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

    /// <summary>Asks for a chunk. The one before it must have been swapped or dropped.</summary>
    /// <param name="position">The chunk's position in the file.</param>
    /// <param name="start">The chunk's start in the buffer; the owner fills what is before it.</param>
    /// <param name="count">The chunk's size in bytes.</param>
    internal void Begin(long position, int start, int count)
    {
        if (_buffer.Length < start + count)
        {
            ReturnBuffer();
            _buffer = ScanBuffers.Rent(start + count);
        }
        lock (_changing) (_position, _start, _count, _state) = (position, start, count, State.Asked);
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <summary>
    /// Swaps buffers: the owner gets the chunk that it asked for, and gives its own buffer for the next.
    /// </summary>
    /// <param name="buffer">The owner's buffer; the chunk's buffer where this returns true.</param>
    /// <param name="count">The chunk's bytes: fewer than were asked for only at the end of the file.</param>
    /// <returns>False where no chunk was asked for, no thread has begun it, or it could not be read.</returns>
    internal bool TrySwap(ref byte[] buffer, out int count)
    {
        var isRead = EndRead();
        count = _count;
        if (isRead) (buffer, _buffer) = (_buffer, buffer);
        return isRead;
    }

    /// <summary>
    /// Drops the chunk that was asked for, and the buffer. No thread reads the file when this returns.
    /// </summary>
    internal void Drop()
    {
        EndRead();
        ReturnBuffer();
    }

    /// <summary>Called by the pool: reads the chunk, unless the owner has withdrawn the request.</summary>
    [SuppressMessage("Design", "CA1031", Justification =
        "The owner's own read meets the same error and reports it; thrown here it would end the process.")]
    public void Execute()
    {
        lock (_changing)
        {
            // The owner has withdrawn the request, or an earlier queued call serves the request that replaced it.
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
            // The owner reads the chunk itself and gets the error then.
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

    // Waits for a read under way and ends the request, so that no thread uses the buffer. Whether a chunk was read.
    private bool EndRead()
    {
        lock (_changing)
        {
            while (_state == State.Reading) Monitor.Wait(_changing);
            var isRead = _state == State.Read;
            _state = State.Idle;
            return isRead;
        }
    }

    // Clears the field first: a buffer that was returned twice would get two owners.
    private void ReturnBuffer()
    {
        var last = _buffer;
        _buffer = [];
        ScanBuffers.Return(last);
    }
}
