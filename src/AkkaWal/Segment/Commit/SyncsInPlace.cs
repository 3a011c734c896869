using Akka.Actor;

namespace AkkaWal.Segment.Commit;

/// <summary>
/// Limits how many segments of an actor system sync on the threads of their own actors at a time. Such a sync blocks a
/// thread of the runtime's pool, and many logs must not block all of them. For any thread.
/// </summary>
internal sealed class SyncsInPlace : IExtension
{
    /// <summary>The most of these syncs at a time.</summary>
    internal static readonly int Limit = Math.Max(1, Environment.ProcessorCount / 2);

    private int _running;

    internal static SyncsInPlace Of(ActorSystem system) => system.WithExtension<SyncsInPlace, Provider>();

    /// <summary>Takes a place. <see cref="End"/> returns it.</summary>
    /// <returns>False if no place is free: the worker has to sync.</returns>
    internal bool TryBegin()
    {
        if (Interlocked.Increment(ref _running) <= Limit) return true;
        Interlocked.Decrement(ref _running);
        return false;
    }

    internal void End() => Interlocked.Decrement(ref _running);

    private sealed class Provider : ExtensionIdProvider<SyncsInPlace>
    {
        public override SyncsInPlace CreateExtension(ExtendedActorSystem system) => new();
    }
}
