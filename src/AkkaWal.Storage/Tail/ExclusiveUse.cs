using System.Diagnostics;

namespace AkkaWal.Storage.Tail;

/// <summary>
/// Asserts that one thread at a time uses an object. The thread may be another one for each use. A use may contain
/// others of the same thread. Does nothing in release builds.
/// </summary>
internal sealed class ExclusiveUse
{
    private int _threadId, _depth;

    /// <summary>Begins a use, which ends when the result is disposed, on the same thread.</summary>
    internal Use Begin()
    {
        Enter();
        return new Use(this);
    }

    /// <summary>Begins a use, unless another thread is in one.</summary>
    internal bool TryEnter()
    {
        var before = Interlocked.CompareExchange(ref _threadId, Environment.CurrentManagedThreadId, 0);
        if (before != 0 && before != Environment.CurrentManagedThreadId) return false;
        _depth++;
        return true;
    }

    /// <summary>Ends a use that was begun on this thread.</summary>
    internal void Leave()
    {
        if (--_depth == 0) Volatile.Write(ref _threadId, 0);
    }

    [Conditional("DEBUG")]
    private void Enter()
    {
        var isAlone = TryEnter();
        Debug.Assert(isAlone, "one thread at a time uses this");
    }

    [Conditional("DEBUG")]
    private void End() => Leave();

    /// <summary>A use that is under way.</summary>
    internal readonly ref struct Use(ExclusiveUse owner)
    {
        public void Dispose() => owner.End();
    }
}
