namespace AkkaWal.Storage.Blocks;

/// <summary>
/// Keeps objects that are expensive to make, up to a number; those beyond it are disposed when they are given back.
/// Any thread may call. Who takes one has it alone until it is given back.
/// </summary>
/// <param name="capacity">How many are kept while nobody uses them.</param>
/// <param name="create">Makes one.</param>
internal sealed class ContextPool<T>(int capacity, Func<T> create) where T : class, IDisposable
{
    private readonly T?[] _kept = new T?[capacity];

    internal T Take()
    {
        foreach (ref var slot in _kept.AsSpan())
            if (slot is not null && Interlocked.Exchange(ref slot, null) is { } kept) return kept;
        return create();
    }

    internal void Give(T context)
    {
        foreach (ref var slot in _kept.AsSpan())
            if (slot is null && Interlocked.CompareExchange(ref slot, context, null) is null) return;
        context.Dispose();
    }
}
