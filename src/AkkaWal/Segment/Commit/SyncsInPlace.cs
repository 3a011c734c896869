using Akka.Actor;

namespace AkkaWal.Segment.Commit;

/// <summary>
/// How many segments of an actor system sync on the thread of their own actor at a moment. Such a sync blocks a thread
/// of the runtime's pool: many logs at once must not take all of them. For any thread.
/// </summary>
internal sealed class SyncsInPlace : IExtension
{
    /// <summary>The most that may be under way.</summary>
    internal static readonly int Limit = Math.Max(1, Environment.ProcessorCount / 2);

    private int _running;

    internal static SyncsInPlace Of(ActorSystem system) => system.WithExtension<SyncsInPlace, Provider>();

    /// <summary>Takes a place. <see cref="End"/> gives it back.</summary>
    /// <returns>False where none is free: the worker is to sync.</returns>
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
