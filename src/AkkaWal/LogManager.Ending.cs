using Akka.Actor;
using Akka.Event;
using AkkaWal.Answers;
using AkkaWal.Manager.Maintenance;
using AkkaWal.Manager.State;
using AkkaWal.Protocol;
using AkkaWal.Storage;

namespace AkkaWal;

// How lives end: those of the actors that this one depends on, which are watched and replaced, and its own.
public sealed partial class LogManager
{
    /// <inheritdoc/>
    protected override SupervisorStrategy SupervisorStrategy() =>
        // Never stop: what waits in a stopped actor's mailbox is refused. The actor itself gives up after too many crashes.
        new OneForOneStrategy(static _ => Directive.Restart);

    /// <inheritdoc/>
    protected override bool AroundReceive(Receive receive, object message)
    {
        try
        {
            return base.AroundReceive(receive, message);
        }
        catch (Exception e)
        {
            // Here and not before a restart: it may be stopped instead.
            Refuse(message, Sender, $"the log's actor crashed: {e.Message}");
            throw;
        }
    }

    /// <inheritdoc/>
    protected override void PreRestart(Exception reason, object message)
    {
        // The directory stays locked until the children are gone: the next life lets go of it and takes it again.
        foreach (var child in Context.GetChildren()) Context.Stop(Context.Unwatch(child));
        RefuseAll($"the log's actor crashed: {reason.Message}");
    }

    /// <inheritdoc/>
    protected override void PostStop()
    {
        try
        {
            RefuseAll("the log is being closed");
            // Where it may say more than the catalog knows, it is left as it is.
            if (_queue?.IsManifestAhead != true) _state.SaveManifest();
        }
        catch (WalException e)
        {
            _log.Error(e, "the MANIFEST of {0} could not be written", _settings.Directory);
        }
        finally
        {
            _logs.Leave(Self);
        }
    }

    /// <summary>
    /// A child has stopped, and this life goes on: it was let go, or somebody else stopped it. What it had in hand it answered itself, and
    /// what lay in its mailbox is answered by <see cref="UndeliveredRequests"/>.
    /// </summary>
    private void NoteStopped(IActorRef stopped)
    {
        if (stopped.Equals(_damaged)) _damaged = ActorRefs.Nobody;
        // Where the log is not open, the others are of a life before.
        if (_queue is null) return;
        _state.End(stopped);
        _readers.NoteStopped(stopped);
        GoOnWithDescriptors();
        if (stopped.Equals(_maintenance)) _queue.Replace(_maintenance = StartMaintenance());
        if (stopped.Equals(_active))
        {
            _log.Warning("{0} was stopped: its segment is opened anew", stopped.Path);
            _active = StartActive();
        }
        // It gave away what it had, or refused it: nothing more comes from it.
        if (_handOver.IsFrom(stopped)) EndHandOver();
        _queue.NoteDrained(stopped);
    }

    private IActorRef StartMaintenance() =>
        Context.Watch(Context.ActorOf(WalProps.Of<MaintenanceActor>(Context.System, "maintenance", _state.Directory.Store), "maintenance"));

    private void RefuseAll(string reason)
    {
        foreach (var (message, sender) in _handOver.End())
        {
            Refuse(message, sender, reason);
            _state.PendingBytes -= Requests.PendingBytesOf(message);
        }
        while (_starved.TryDequeue(out var miss)) Refuse(miss, miss.Asker, reason);
        _queue?.RefuseAll(reason);
    }

    private void Refuse(object message, IActorRef sender, string reason, FailureKind kind = FailureKind.Unavailable) =>
        Requests.Refuse(message, sender, kind, reason, Self);
}
