using System.Diagnostics.CodeAnalysis;
using Akka.Actor;

namespace AkkaWal.Node.Output;

/// <summary>Bytes for standard output: the first ones of an array, which has one owner at a time.</summary>
internal sealed class OutputBuffer(byte[] bytes, int lengthBytes)
{
    /// <summary>The array.</summary>
    public byte[] Bytes => bytes;

    /// <summary>How many of its bytes are to be written.</summary>
    public int LengthBytes { get; private set; } = lengthBytes;

    /// <summary>Adds the bytes of another buffer; false, with nothing added, where there is no room.</summary>
    public bool TryAdd(OutputBuffer next)
    {
        if (bytes.Length - LengthBytes < next.LengthBytes) return false;
        next.Bytes.AsSpan(0, next.LengthBytes).CopyTo(bytes.AsSpan(LengthBytes));
        LengthBytes += next.LengthBytes;
        return true;
    }
}

/// <summary>There is room again, after <see cref="OutputWriter.Offer"/> returned false.</summary>
internal sealed record OutputDrained : INoSerializationVerificationNeeded
{
    public static readonly OutputDrained Instance = new();
}

/// <summary>Everything that was offered is written, and the writer has ended.</summary>
internal sealed record OutputClosed : INoSerializationVerificationNeeded
{
    public static readonly OutputClosed Instance = new();
}

/// <summary>Standard output can't be written, for instance because it has no reader any more.</summary>
internal sealed record OutputFailed(string Reason) : INoSerializationVerificationNeeded;

/// <summary>
/// Writes to standard output on its own thread, so that a slow reader does not block the caller. The caller must stop
/// offering when <see cref="Offer"/> returns false. So what waits is bounded by the limit and one more buffer.
/// </summary>
/// <remarks>
/// For one caller, the bridge. Events go to the function that <see cref="Start"/> was given. Two buffers that wait one
/// behind the other have together more bytes than an array: so the arrays that wait take at most twice the limit and
/// two more, however few bytes are offered at a time.
/// </remarks>
internal sealed class OutputWriter(Stream output, int limitBytes)
{
    /// <summary>The size of an array from <see cref="Rent"/>, and so the usual size of a write.</summary>
    public const int BufferBytes = 64 << 10;

    // Keeps as many arrays as may wait: to make a new one costs more than to fill it.
    private readonly int _maxSpareBuffers = Math.Max(4, limitBytes / BufferBytes);
    private readonly object _gate = new();
    private readonly Queue<OutputBuffer> _waiting = new();
    private readonly Stack<byte[]> _spare = new();

    // The one that was offered last, while it waits.
    private OutputBuffer? _last;
    private Action<object> _tell = static _ => { };
    private long _waitingBytes;
    private bool _owesDrained;
    private bool _isClosed;

    /// <summary>Starts the thread. Events go to the function, on that thread.</summary>
    public void Start(Action<object> tell)
    {
        _tell = tell;
        new Thread(Run) { IsBackground = true, Name = "akkawal-output" }.Start();
    }

    /// <summary>An array for replies.</summary>
    public byte[] Rent()
    {
        lock (_gate) return _spare.TryPop(out var spare)
            ? spare
            : GC.AllocateUninitializedArray<byte>(BufferBytes);
    }

    /// <summary>Hands bytes over. The array then belongs to the writer.</summary>
    /// <returns>Whether there is room for more. If not, <see cref="OutputDrained"/> comes when there is.</returns>
    public bool Offer(OutputBuffer buffer)
    {
        lock (_gate)
        {
            _waitingBytes += buffer.LengthBytes;
            if (_last?.TryAdd(buffer) == true) Keep(buffer.Bytes);
            else _waiting.Enqueue(_last = buffer);
            _owesDrained = _waitingBytes >= limitBytes;
            Monitor.Pulse(_gate);
            return !_owesDrained;
        }
    }

    /// <summary>Ends the writer once everything is written -> <see cref="OutputClosed"/>.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            Monitor.Pulse(_gate);
        }
    }

    private void Run()
    {
        try
        {
            while (TryDequeue(out var buffer))
            {
                output.Write(buffer.Bytes, 0, buffer.LengthBytes);
                if (Return(buffer)) _tell(OutputDrained.Instance);
            }

            output.Flush();
            _tell(OutputClosed.Instance);
        }
        catch (IOException e)
        {
            _tell(new OutputFailed(e.Message));
        }
    }

    private bool TryDequeue([MaybeNullWhen(false)] out OutputBuffer buffer)
    {
        lock (_gate)
        {
            while (_waiting.Count == 0 && !_isClosed) Monitor.Wait(_gate);
            var hasOne = _waiting.TryDequeue(out buffer);
            if (_waiting.Count == 0) _last = null;
            return hasOne;
        }
    }

    // Returns whether the bridge must be notified that there is room again.
    private bool Return(OutputBuffer buffer)
    {
        lock (_gate)
        {
            _waitingBytes -= buffer.LengthBytes;
            Keep(buffer.Bytes);
            var isDrained = _owesDrained && _waitingBytes <= limitBytes / 2;
            if (isDrained) _owesDrained = false;
            return isDrained;
        }
    }

    // Under the gate.
    private void Keep(byte[] array)
    {
        if (array.Length == BufferBytes && _spare.Count < _maxSpareBuffers) _spare.Push(array);
    }
}
