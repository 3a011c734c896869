using System.Diagnostics.CodeAnalysis;
using Akka.Actor;
using AkkaWal.Manager.State;
using AkkaWal.Protocol.Internal;
using AkkaWal.Storage;

namespace AkkaWal.Manager.Readers;

/// <summary>
/// Handles operations that failed because of too many open files: it closes segments that are open for reading, in this
/// log and in the other logs of the system, and the operation is tried once more. Owned by the manager.
/// </summary>
internal sealed class DescriptorRelief(ManagerContext context, SealedSegmentActors readers)
{
    private readonly Queue<SegmentNotOpened> _waiting = [];
    private readonly List<IActorRef> _askers = [];

    internal static bool IsCause(WalException cause) => cause is WalIOException { Cause: WalIOCause.NoDescriptors };

    /// <summary>Asks the system's other logs to close segments.</summary>
    internal static void AskOthers(ManagerContext context)
    {
        foreach (var other in context.OtherManagers) other.Tell(new FreeDescriptors(), context.Self);
    }

    /// <summary>
    /// Holds a query whose segment could not be opened for lack of descriptors, until some were freed: see
    /// <see cref="TryDequeue"/>.
    /// </summary>
    /// <returns>False if there is nothing to close.</returns>
    internal bool TryHold(SegmentNotOpened miss)
    {
        if (!IsCause(miss.Cause) || miss.IsSecondTry || !TryFree()) return false;
        _waiting.Enqueue(miss);
        return true;
    }

    /// <summary>
    /// An actor lacks descriptors. A segment of this log gets <see cref="DescriptorsFreed"/> once some are closed, or
    /// at once if none can be. The manager of another log gets no answer.
    /// </summary>
    internal void FreeFor(IActorRef asker)
    {
        if (!asker.Path.Parent.Equals(context.Self.Path)) readers.LetGoOfHalf();
        else if (TryFree()) _askers.Add(asker);
        else asker.Tell(new DescriptorsFreed(), context.Self);
    }

    /// <summary>Closes segments, in this log and in the other logs.</summary>
    /// <returns>Whether segments of this log are about to be closed.</returns>
    internal bool TryFree()
    {
        AskOthers(context);
        return readers.LetGoOfHalf();
    }

    /// <summary>An actor has stopped and closed its files.</summary>
    internal void NoteFreed()
    {
        foreach (var asker in _askers) asker.Tell(new DescriptorsFreed(), context.Self);
        _askers.Clear();
    }

    /// <summary>Removes and returns the next query that was held.</summary>
    internal bool TryDequeue([NotNullWhen(true)] out SegmentNotOpened? miss) => _waiting.TryDequeue(out miss);

    internal void RefuseAll(string reason)
    {
        while (_waiting.TryDequeue(out var miss)) context.Refuse(miss, miss.Asker, reason);
    }
}
