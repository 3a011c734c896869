using Akka.Actor;
using Akka.Event;
using AkkaWal.Answers;
using AkkaWal.Configuration;
using AkkaWal.Manager;
using AkkaWal.Manager.Readers;
using AkkaWal.Manager.State;
using AkkaWal.Protocol;
using AkkaWal.Protocol.Internal;
using AkkaWal.Routes;
using AkkaWal.Segment;
using AkkaWal.Storage;
using AkkaWal.Storage.Files;

namespace AkkaWal;

/// <summary>
/// The actor of one log. It knows which segment holds which offset, supervises one actor for each open segment, and
/// forwards requests to them. It takes every <see cref="LogRequest"/>. The actors of sealed segments are started when
/// they are first needed and stopped when they are idle.
/// </summary>
/// <remarks>
/// The requests of one sender are carried out in the order in which it sent them, also across rolls (see
/// <see cref="SegmentActor"/>). If the log can't be opened (locked, damaged), the actor refuses each request and says
/// why.
/// </remarks>
public sealed class LogManager : UntypedActor, IWithTimers, ILocalLog
{
    private readonly LogStates _logs = Wal.Get(Context.System).States;
    private readonly ManagerContext _context;
    private readonly LogOpening _opening;
    private readonly DamagedLogStarter _damaged;
    private OpenLogHandler? _open;

    /// <summary>Use <see cref="Props(ActorSystem, WalSettings, IWalFileSystem)"/>.</summary>
    /// <param name="settings">The settings, already validated.</param>
    /// <param name="files">The file system.</param>
    internal LogManager(WalSettings settings, IWalFileSystem files)
    {
        var metrics = new LogMetrics(LogPaths.NameOf(Self.Path));
        _context = new ManagerContext(Context, _logs, _logs.Enter(Self, () => new LogState(settings, files, metrics)));
        _opening = new LogOpening(_context);
        _damaged = new DamagedLogStarter(_context);
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>
    /// The props of a log's manager. They may be used any number of times: two actors, or one that is started again
    /// after it stopped, share only the directory, and the first of them has it. A restart by a supervisor keeps the
    /// lock, a latched failure, the segment limit that was set, and the floors of consumers. A stop ends them.
    /// </summary>
    /// <param name="system">
    /// The actor's system. The actor runs on <c>akka-wal.manager-dispatcher</c>. The system gets the extension
    /// <see cref="Wal"/>.
    /// </param>
    /// <param name="settings">From <see cref="Wal.SettingsOf"/>, or set by hand.</param>
    /// <param name="files">The file system; null for the machine's own.</param>
    /// <exception cref="ArgumentException">
    /// The settings name no directory, or ask for archiving without an archive. A <see cref="WalConfigException"/> if
    /// the system's configuration is one that <see cref="Wal.Get"/> refuses.
    /// </exception>
    public static Props Props(ActorSystem system, WalSettings settings, IWalFileSystem? files = null)
    {
        ArgumentNullException.ThrowIfNull(system);
        ArgumentNullException.ThrowIfNull(settings);
        Wal.Get(system);
        var producer = new Producer(settings.ThrowIfIncomplete(), files ?? WalFileSystem.Default);
        return WalProps.On("manager", Akka.Actor.Props.CreateBy(producer));
    }

    /// <inheritdoc/>
    protected override void PreStart()
    {
        Become(Closed);
        TryOpen();
    }

    /// <inheritdoc/>
    protected override void OnReceive(object message) => Unhandled(message);

    private void Open(object message)
    {
        switch (message)
        {
            case LogRequest request:
                if (!TryRefuseInvalid(request)) _open!.Handle(request, Sender);
                break;
            case InternalMessage inside:
                _open!.Handle(inside, Sender);
                break;
            case Terminated stopped:
                _damaged.NoteStopped(stopped.ActorRef);
                _open!.NoteStopped(stopped.ActorRef);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void Closed(object message)
    {
        switch (message)
        {
            case LogRequest request:
                if (!TryRefuseInvalid(request)) HandleClosed(request);
                break;
            case OwedMessage inside:
                HandleClosed(inside);
                break;
            // For requests from before a restart.
            case Credit credit:
                _context.State.PendingBytes -= credit.Bytes;
                break;
            case Terminated stopped:
                _damaged.NoteStopped(stopped.ActorRef);
                break;
            // From before a restart, or from another log. Nothing is open here.
            case InternalMessage:
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    // The reason why the log could not be opened may have passed: another process released the lock, space was freed,
    // or files were repaired.
    private void HandleClosed(IOwedMessage message)
    {
        if (_opening.IsRetryDue && TryOpen()) Open(message);
        else if (_opening.IsReadable && message is LogRequest)
            _damaged.Start(_opening.Reason, ownsLock: false).Forward(message);
        else _context.Refuse(message, Sender, _opening.Reason, _opening.Kind);
    }

    private bool TryOpen()
    {
        if (!_opening.TryOpen()) return false;
        _damaged.LetGo();
        _open = new OpenLogHandler(_context, _damaged);
        var settings = _context.Settings;
        if (!settings.Retention.IsOff)
            Timers.StartPeriodicTimer(nameof(RetentionTick), new RetentionTick(), settings.RetentionCheckInterval);
        Timers.StartPeriodicTimer(nameof(IdleTick), new IdleTick(), settings.SegmentIdleTimeout);
        Become(Open);
        return true;
    }

    private bool TryRefuseInvalid(LogRequest request)
    {
        if (RequestLimits.Explain(request, _context.Settings.Options) is not { } reason) return false;
        _context.Refuse(request, Sender, reason, FailureKind.Invalid);
        return true;
    }

    /// <inheritdoc/>
    protected override SupervisorStrategy SupervisorStrategy() =>
        // Never stop a segment's actor: requests in a stopped actor's mailbox are refused. The actor itself gives up
        // after too many crashes.
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
            // PreRestart is not enough: the supervisor may stop the actor instead of restarting it.
            if (message is ILogMessage told) _context.Refuse(told, Sender, $"the log's actor crashed: {e.Message}");
            throw;
        }
    }

    /// <inheritdoc/>
    protected override void PreRestart(Exception reason, object message)
    {
        // The directory stays locked until the children have stopped. The restarted manager releases it and locks it
        // again.
        foreach (var child in Context.GetChildren()) Context.Stop(Context.Unwatch(child));
        _open?.RefuseAll($"the log's actor crashed: {reason.Message}");
    }

    /// <inheritdoc/>
    protected override void PostStop()
    {
        try
        {
            _open?.RefuseAll("the log is being closed");
            // If the MANIFEST may be ahead of the catalog, it must not be overwritten.
            if (_open?.IsManifestAhead != true) _context.State.SaveManifest();
        }
        catch (WalException e)
        {
            _context.Log.Error(e, "the MANIFEST of {0} could not be written", _context.Settings.Directory);
        }
        finally
        {
            _logs.Leave(Self);
        }
    }

    private sealed class Producer(WalSettings settings, IWalFileSystem files) : IIndirectActorProducer
    {
        public Type ActorType => typeof(LogManager);

        public ActorBase Produce() => new LogManager(settings, files);

        public void Release(ActorBase actor)
        {
        }
    }
}
