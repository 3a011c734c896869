using System.Diagnostics.CodeAnalysis;
using Akka.Actor;

namespace AkkaWal.Node.Output;

/// <summary>Bytes for standard output: the first ones of an array, which has one owner at a time.</summary>
internal sealed record OutputBuffer(byte[] Bytes, int LengthBytes);

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
/// <remarks>For one caller, the bridge. Events go to the function that <see cref="Start"/> was given.</remarks>
internal sealed class OutputWriter(Stream output, int limitBytes)
{
    /// <summary>The size of an array from <see cref="Rent"/>, and so the usual size of a write.</summary>
    public const int BufferBytes = 64 << 10;

    private const int MaxSpareBuffers = 4;

    private readonly object _gate = new();
    private readonly Queue<OutputBuffer> _waiting = new();
    private readonly Stack<byte[]> _spare = new();
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
        lock (_gate) return _spare.TryPop(out var spare) ? spare : new byte[BufferBytes];
    }

    /// <summary>Hands bytes over. The array then belongs to the writer.</summary>
    /// <returns>Whether there is room for more. If not, <see cref="OutputDrained"/> comes when there is.</returns>
    public bool Offer(OutputBuffer buffer)
    {
        lock (_gate)
        {
            _waiting.Enqueue(buffer);
            _waitingBytes += buffer.LengthBytes;
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
            return _waiting.TryDequeue(out buffer);
        }
    }

    // Whether the bridge must be told that there is room again.
    private bool Return(OutputBuffer buffer)
    {
        lock (_gate)
        {
            _waitingBytes -= buffer.LengthBytes;
            if (buffer.Bytes.Length == BufferBytes && _spare.Count < MaxSpareBuffers) _spare.Push(buffer.Bytes);
            bool isDrained = _owesDrained && _waitingBytes <= limitBytes / 2;
            if (isDrained) _owesDrained = false;
            return isDrained;
        }
    }
}
