using Akka.Actor;
using Akka.Event;
using AkkaWal.Answers;
using AkkaWal.Protocol.Internal;
using AkkaWal.Storage;
using AkkaWal.Storage.Files.Posix;

namespace AkkaWal;

// What becomes of whoever met too many open files: segments that are open for reading are let go, here and in the other logs of the
// system, and it is tried once more.
public sealed partial class LogManager
{
    private readonly Queue<SegmentNotOpened> _starved = [];
    private readonly List<IActorRef> _askedToFree = [];

    private static bool LacksDescriptors(WalException cause) => cause is WalIOException { Cause: WalIOCause.NoDescriptors };

    // The active segment's files, its successor's, LOCK and the directory, and what the runtime has.
    private const int DescriptorsBesideReaders = 128;

    private bool _isLimitNoted;

    private void NoteDescriptorLimit()
    {
        var wanted = 2L * _settings.MaxOpenSegments + DescriptorsBesideReaders;
        if (_isLimitNoted || PosixFileSystem.DescriptorLimit >= wanted) return;
        _isLimitNoted = true;
        _log.Warning(
            "this process may have {0} files open, and akka-wal.max-open-segments = {1} may take {2}: segments are let go earlier, and read slower; "
                + "raise the limit (ulimit -n) or lower that", PosixFileSystem.DescriptorLimit, _settings.MaxOpenSegments, wanted);
    }

    /// <summary>Takes a query whose segment could not be opened for want of descriptors, until some were freed.</summary>
    /// <returns>False where there is nothing to free.</returns>
    private bool TryStarve(SegmentNotOpened miss)
    {
        if (!LacksDescriptors(miss.Cause) || miss.IsSecondTry || !LetGoForDescriptors()) return false;
        _starved.Enqueue(miss);
        return true;
    }

    private void LetGoForDescriptors(IActorRef asker)
    {
        var isOwn = asker.Path.Parent.Equals(Self.Path);
        var mayWait = isOwn ? LetGoForDescriptors() : _readers.LetGoOfHalf();
        if (!isOwn) return;
        if (mayWait) _askedToFree.Add(asker);
        else asker.Tell(new DescriptorsFreed(), Self);
    }

    /// <returns>Whether some of this log's are about to be closed.</returns>
    private bool LetGoForDescriptors()
    {
        foreach (var other in _logs.Others(Self)) other.Tell(new FreeDescriptors(), Self);
        return _readers.LetGoOfHalf();
    }

    // Each reader that was closed had a file, or two: enough for one query. What could not be closed by then frees nothing any more.
    private void GoOnWithDescriptors()
    {
        foreach (var asker in _askedToFree) asker.Tell(new DescriptorsFreed(), Self);
        _askedToFree.Clear();
        while (_starved.TryDequeue(out var miss))
        {
            var offset = RecordQueries.OffsetOf(miss.Query);
            if (_state.Directory.FindSealed(offset) is { } segment) _readers.ActorOf(segment).Tell(new SecondTry(miss.Query, miss.Asker, miss.RequestId), Self);
            else Forward(miss.Query, miss.Asker);
            if (_readers.IsAnyLeaving) return;
        }
    }
}
