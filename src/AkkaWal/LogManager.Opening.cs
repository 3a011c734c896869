using Akka.Actor;
using Akka.Event;
using AkkaWal.Answers;
using AkkaWal.Manager.Maintenance;
using AkkaWal.Manager.Readers;
using AkkaWal.Protocol;
using AkkaWal.Protocol.Internal;
using AkkaWal.Segment;
using AkkaWal.Storage;
using AkkaWal.Storage.Segments;

namespace AkkaWal;

// Opening the log, and what becomes of requests where it can't be opened.
public sealed partial class LogManager
{
    private readonly RetryWatch _retry;
    private IActorRef _damaged = ActorRefs.Nobody;
    private (string Damage, bool OwnsLock) _readDamage;
    private int _damagedCount;
    private (string Reason, FailureKind Kind, bool IsReadable) _refusal = ("", default, false);

    /// <returns>What becomes of messages now.</returns>
    private UntypedReceive TryOpen()
    {
        var notes = new List<string>();
        var isOpen = false;
        // Later ones come on any thread.
        void Note(string note)
        {
            if (Volatile.Read(ref isOpen)) _log.Warning("{0}", note);
            else notes.Add(note);
        }
        try
        {
            _state.OpenDirectory(Note);
        }
        catch (WalException e)
        {
            NoteRefusal(e, notes);
            return Closed;
        }
        foreach (var note in notes) _log.Warning("{0}", note);
        Volatile.Write(ref isOpen, true);
        if (_refusal.Reason.Length > 0) _log.Info("the log in {0} is available now", _settings.Directory);
        NoteDescriptorLimit();
        if (_frame.MaxBytes < _settings.Options.MaxPayloadBytes)
            _log.Info("from other nodes, records of at most {0} bytes can be appended and read: see maximum-frame-size below akka.remote", _frame.MaxBytes);
        LetGoOfDamaged();
        _readers = new SealedSegmentActors(Context, _state.Directory.Store, _state);
        _active = StartActive();
        _maintenance = StartMaintenance();
        _queue = new MaintenanceQueue(_state.Directory, _state.Floors, _readers, Context, _maintenance, Resume);
        _retention = new RetentionSchedule(_settings, _state.Directory, _queue, _state.Floors, _log);
        if (!_retention.IsOff) Timers.StartPeriodicTimer(nameof(RetentionTick), new RetentionTick(), _settings.RetentionCheckInterval);
        Timers.StartPeriodicTimer(nameof(IdleTick), new IdleTick(), _settings.SegmentIdleTimeout);
        _queue.Settle();
        return Open;
    }

    private void NoteRefusal(WalException why, List<string> notes)
    {
        var reason = why is WalFaultException fault ? FaultText.Of(fault) : why.Message;
        // Told once, however often it is tried.
        if (reason != _refusal.Reason)
        {
            foreach (var note in notes) _log.Warning("{0}", note);
            _log.Error("the log in {0} is not available: {1}", _settings.Directory, reason);
        }
        if (LacksDescriptors(why))
            foreach (var other in _logs.Others(Self)) other.Tell(new FreeDescriptors(), Self);
        var kind = why is WalIOException { IsPassing: true } ? FailureKind.Aborted : FailureKind.Unavailable;
        _refusal = (reason, kind, why is WalFaultException);
    }

    private void Closed(object message)
    {
        switch (message)
        {
            // Of requests of a life before.
            case Credit credit:
                _state.PendingBytes -= credit.Bytes;
                break;
            case Terminated stopped:
                NoteStopped(stopped.ActorRef);
                break;
            case FreeDescriptors:
                break;
            case LogRequest or OwedMessage:
                TakeClosed(message);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    // Whatever it was, it may have passed: another process let go, room was made, files were repaired.
    private void TakeClosed(object message)
    {
        if (TryRefuseInvalid(message)) return;
        if (_retry.IsDue && _retry.Try(TryOpen) is { } next && next != Closed)
        {
            Become(next);
            next(message);
        }
        else if (_refusal.IsReadable && message is LogRequest) ReadDamaged(_refusal.Reason, ownsLock: false).Forward(message);
        else Refuse(message, Sender, _refusal.Reason, _refusal.Kind);
    }

    private IActorRef ReadDamaged(string damage, bool ownsLock)
    {
        if (_readDamage != (damage, ownsLock)) LetGoOfDamaged();
        if (!_damaged.IsNobody()) return _damaged;
        _readDamage = (damage, ownsLock);
        // Where it is open, what is read is the directory that was opened.
        var store = ownsLock
            ? _state.Directory.Store with { LogId = Guid.Empty }
            : new SegmentStore(_state.Files, _settings.Directory, Guid.Empty, _settings.Options);
        var props = WalProps.Of<DamagedLog>(Context.System, "read", store, ownsLock, _settings, damage);
        return _damaged = Context.Watch(Context.ActorOf(props, $"damaged-{++_damagedCount}"));
    }

    private void LetGoOfDamaged()
    {
        if (!_damaged.IsNobody()) _damaged.Tell(new Leave(), Self);
        _damaged = ActorRefs.Nobody;
    }

    private bool TryRefuseInvalid(object message)
    {
        if (message is not LogRequest request || RequestLimits.Explain(request, _settings.Options) is not { } reason) return false;
        Refuse(message, Sender, reason, FailureKind.Invalid);
        return true;
    }
}
