namespace AkkaWal.TestKit;

/// <summary>
/// Holds back operations of a disk until the test opens the gate, so that the test decides what happens in between.
/// Made by <see cref="SimulatedDisk.Hold"/>. All members may be called from any thread.
/// </summary>
/// <remarks>
/// The thread of a held operation waits for 60 s at most. Other operations of the disk go on. Once open, a gate stays
/// open.
/// </remarks>
public sealed class DiskGate : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Action<DiskFault>? _failNext;
    private readonly object _arrival = new();
    private int _heldCount;
    private volatile bool _wasOverrun;

    internal DiskGate(Action<DiskFault>? failNext = null) => _failNext = failNext;

    /// <summary>Completes when the first operation is held.</summary>
    public Task Reached => _reached.Task;

    /// <summary>Blocks until operations are held.</summary>
    /// <param name="count">The number of operations; 1 or more.</param>
    /// <exception cref="TimeoutException">Fewer operations were held within 60 s.</exception>
    public void AwaitReached(int count = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        var end = Environment.TickCount64 + (long)Patience.TotalMilliseconds;
        lock (_arrival)
        {
            while (_heldCount < count)
            {
                var left = (int)Math.Max(0, end - Environment.TickCount64);
                if (!Monitor.Wait(_arrival, left))
                    throw new TimeoutException($"{_heldCount} operations came to the gate within {Patience}");
            }
        }
    }

    /// <summary>Lets the held operations go on, and holds no more.</summary>
    /// <exception cref="InvalidOperationException">An operation was held for 60 s and went on by itself.</exception>
    public void Open()
    {
        _open.TrySetResult();
        if (_wasOverrun)
            throw new InvalidOperationException($"an operation was held for {Patience} and has gone on by itself");
    }

    /// <summary>As <see cref="Open"/>, but the first operation that goes on fails.</summary>
    /// <param name="fault">How it fails.</param>
    /// <exception cref="InvalidOperationException">As <see cref="Open"/>; or the gate holds reads.</exception>
    public void Fail(DiskFault fault)
    {
        if (_failNext is null)
            throw new InvalidOperationException("this gate cannot fail what it holds");
        if (!_open.Task.IsCompleted)
            _failNext(fault);
        Open();
    }

    /// <summary>Opens the gate, and does not fail if an operation has timed out.</summary>
    public void Dispose() => _open.TrySetResult();

    /// <summary>Waits until the gate is open.</summary>
    internal void Pass()
    {
        lock (_arrival)
        {
            _heldCount++;
            Monitor.PulseAll(_arrival);
        }

        _reached.TrySetResult();
        if (!_open.Task.Wait(Patience))
            _wasOverrun = true;
    }

    /// <summary>Waits until the gate is open, and returns the fault that the test has set.</summary>
    internal DiskFault? Pass(DiskFault? fault)
    {
        Pass();
        return fault;
    }
}
