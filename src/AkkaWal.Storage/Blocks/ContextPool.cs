namespace AkkaWal.Storage.Blocks;

/// <summary>
/// Keeps objects that are expensive to create, up to a number; further ones are disposed when they are returned. Any
/// thread may call. A rented object belongs to its caller alone until it is returned.
/// </summary>
/// <param name="capacity">How many unused objects are kept.</param>
/// <param name="create">Creates an object.</param>
internal sealed class ContextPool<T>(int capacity, Func<T> create) where T : class, IDisposable
{
    private readonly T?[] _kept = new T?[capacity];

    internal T Rent()
    {
        foreach (ref var slot in _kept.AsSpan())
            if (slot is not null && Interlocked.Exchange(ref slot, null) is { } kept) return kept;
        return create();
    }

    internal void Return(T context)
    {
        foreach (ref var slot in _kept.AsSpan())
            if (slot is null && Interlocked.CompareExchange(ref slot, context, null) is null) return;
        context.Dispose();
    }
}
