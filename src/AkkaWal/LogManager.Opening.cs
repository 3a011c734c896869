using Akka.Actor;
using Akka.Event;
using AkkaWal.Protocol;
using AkkaWal.Segments;
using AkkaWal.Storage;
using AkkaWal.Storage.Segments;

namespace AkkaWal;

// Opening the log, and what becomes of requests where it can't be opened.
public sealed partial class LogManager
{
    private readonly RetryWatch _retry = new();
    private IActorRef _damaged = ActorRefs.Nobody;
    private string _refusal = "";

    /// <returns>What becomes of messages now.</returns>
    private UntypedReceive TryOpen()
    {
        try
        {
            _open.OpenDirectory(message => _log.Warning("{0}", message));
        }
        catch (WalFaultException e)
        {
            NoteRefusal(e);
            return Damaged;
        }
        catch (WalIOException e) when (e.IsPassing)
        {
            NoteRefusal(e);
            return AwaitingWhatLacks;
        }
        catch (WalException e)
        {
            NoteRefusal(e);
            return Refusing;
        }
        if (_frame.MaxBytes < _settings.Options.MaxPayloadBytes)
            _log.Info("from other nodes, records of at most {0} bytes can be appended and read: see maximum-frame-size below akka.remote", _frame.MaxBytes);
        _readers = new SealedSegmentActors(Context, _open.Directory.Store, _open);
        _active = StartActive();
        var maintenance = Context.ActorOf(WalProps.Of<Maintenance>(Context.System, "maintenance", _open.Directory.Store), "maintenance");
        _desk = new MaintenanceDesk(_open.Directory, _open.Floors, _readers, Context, maintenance, Resume);
        _retention = new RetentionDesk(_settings, _open.Directory, _desk, _open.Floors, _log);
        if (!_retention.IsOff) Timers.StartPeriodicTimer(nameof(RetentionTick), new RetentionTick(), _settings.RetentionCheckInterval);
        Timers.StartPeriodicTimer(nameof(IdleTick), new IdleTick(), _settings.SegmentIdleTimeout);
        _desk.Settle();
        return Open;
    }

    private void NoteRefusal(WalException why)
    {
        if (why.Message != _refusal) _log.Error("the log in {0} is not available: {1}", _settings.Directory, why.Message);
        _refusal = why.Message;
    }

    private void Refusing(object message)
    {
        if (!TryCredit(message)) Refuse(message, Sender, _refusal);
    }

    private void AwaitingWhatLacks(object message)
    {
        if (TryCredit(message)) return;
        if (_retry.IsDue())
        {
            var next = TryOpen();
            Become(next);
            if (next != AwaitingWhatLacks)
            {
                next(message);
                return;
            }
        }
        Refuse(message, Sender, _refusal, FailureKind.Aborted);
    }

    private void Damaged(object message)
    {
        if (!TryCredit(message)) ReadDamaged(_refusal, ownsLock: false).Forward(message);
    }

    // Credits of requests of a life before.
    private bool TryCredit(object message)
    {
        if (message is Credit credit) _open.PendingBytes -= credit.Bytes;
        return message is Credit;
    }

    private IActorRef ReadDamaged(string damage, bool ownsLock)
    {
        if (!_damaged.IsNobody()) return _damaged;
        // Where it is open, what is read is the directory that was opened.
        var store = ownsLock
            ? _open.Directory.Store with { LogId = Guid.Empty }
            : new SegmentStore(_open.Files, _settings.Directory, Guid.Empty, _settings.Options);
        return _damaged = Context.ActorOf(WalProps.Of<DamagedLog>(Context.System, "read", store, ownsLock, _settings, damage), "damaged");
    }
}
