using Akka.Configuration;
using Akka.Event;

namespace Akka.Actor;

/// <summary>
/// The end of a system in phases, each after those that it depends on. The tasks of a phase run side by side, and a phase
/// that takes longer than its time-out, or fails, is left behind where its `recover` is on.
/// </summary>
public sealed class CoordinatedShutdown : IExtension
{
    public const string PhaseBeforeServiceUnbind = "before-service-unbind";
    public const string PhaseServiceUnbind = "service-unbind";
    public const string PhaseServiceRequestsDone = "service-requests-done";
    public const string PhaseServiceStop = "service-stop";
    public const string PhaseBeforeClusterShutdown = "before-cluster-shutdown";
    public const string PhaseClusterShardingShutdownRegion = "cluster-sharding-shutdown-region";
    public const string PhaseClusterLeave = "cluster-leave";
    public const string PhaseClusterExiting = "cluster-exiting";
    public const string PhaseClusterExitingDone = "cluster-exiting-done";
    public const string PhaseClusterShutdown = "cluster-shutdown";
    public const string PhaseBeforeActorSystemTerminate = "before-actor-system-terminate";
    public const string PhaseActorSystemTerminate = "actor-system-terminate";

    private readonly Dictionary<string, Phase> _phases;
    private readonly Dictionary<string, List<(string Name, Func<Task<Done>> Task)>> _tasks = new();
    private readonly TaskCompletionSource<Done> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ILoggingAdapter _log;
    private Reason _reason;

    internal CoordinatedShutdown(ExtendedActorSystem system)
    {
        System = system;
        _log = Logging.GetLogger(system, this);
        var config = system.Settings.Config.GetConfig("akka.coordinated-shutdown");
        _phases = Phase.Read(config);
        if (system.Settings.CoordinatedShutdownTerminateActorSystem)
            AddTask(PhaseActorSystemTerminate, "terminate-system", TerminateSystem);
        if (config.GetBoolean("run-by-clr-shutdown-hook"))
            HookProcessExit();
    }

    public ExtendedActorSystem System { get; }

    /// <summary>Null until it runs.</summary>
    public Reason ShutdownReason => Volatile.Read(ref _reason);

    public TimeSpan TotalTimeout
    {
        get
        {
            var total = TimeSpan.Zero;
            lock (_tasks)
            {
                foreach (var phase in _tasks.Keys)
                    total += Timeout(phase);
            }

            return total;
        }
    }

    public static CoordinatedShutdown Get(ActorSystem sys) => sys.WithExtension<CoordinatedShutdown, CoordinatedShutdownExtension>();

    public TimeSpan Timeout(string phase) => _phases.TryGetValue(phase, out var known) ? known.Timeout
        : throw new ArgumentException($"akka.coordinated-shutdown.phases lacks {phase}");

    public void AddTask(string phase, string taskName, Func<Task<Done>> task)
    {
        if (!_phases.ContainsKey(phase))
            throw new ConfigurationException($"akka.coordinated-shutdown.phases lacks {phase}, it has {string.Join(", ", _phases.Keys)}.");
        lock (_tasks)
        {
            if (!_tasks.TryGetValue(phase, out var tasks))
                _tasks[phase] = tasks = new();
            tasks.Add((taskName, task));
        }
    }

    /// <summary>Runs once; who comes later gets the same task.</summary>
    public Task<Done> Run(Reason reason, string fromPhase = null)
    {
        if (Interlocked.CompareExchange(ref _reason, reason, null) is null)
            _ = RunPhases(fromPhase);
        return _done.Task;
    }

    private async Task RunPhases(string fromPhase)
    {
        try
        {
            var skip = fromPhase is not null;
            foreach (var phase in Phase.Sort(_phases))
            {
                skip = skip && phase.Name != fromPhase;
                if (!skip)
                    await RunPhase(phase).ConfigureAwait(false);
            }

            _done.SetResult(Done.Instance);
        }
        catch (Exception e)
        {
            _done.SetException(e);
        }
    }

    private async Task RunPhase(Phase phase)
    {
        (string Name, Func<Task<Done>> Task)[] tasks;
        lock (_tasks)
        {
            if (!_tasks.TryGetValue(phase.Name, out var registered))
                return;
            tasks = [.. registered];
        }

        var running = Task.WhenAll(Array.ConvertAll(tasks, task => RunTask(phase, task.Name, task.Task)));
        try
        {
            await running.WaitAsync(phase.Timeout).ConfigureAwait(false);
        }
        catch (TimeoutException) when (!running.IsCompleted)
        {
            if (!phase.Recover)
                throw new TimeoutException($"The shutdown's phase {phase.Name} took longer than {phase.Timeout}");
            _log.Warning("The shutdown's phase {0} took longer than {1}, and is left behind", phase.Name, phase.Timeout);
        }
    }

    private async Task RunTask(Phase phase, string name, Func<Task<Done>> task)
    {
        try
        {
            await task().ConfigureAwait(false);
        }
        catch (Exception e) when (phase.Recover)
        {
            _log.Warning("The shutdown's task {0} of the phase {1} failed: {2}", name, phase.Name, e.Message);
        }
    }

    private async Task<Done> TerminateSystem()
    {
        await ((ActorSystemImpl)System).FinalTerminate().ConfigureAwait(false);
        return Done.Instance;
    }

    /// <summary>A process that ends with the system still running gives it the time to stop.</summary>
    private void HookProcessExit()
    {
        AppDomain.CurrentDomain.ProcessExit += OnExit;
        System.RegisterOnTermination(() => AppDomain.CurrentDomain.ProcessExit -= OnExit);

        void OnExit(object sender, EventArgs args)
        {
            if (!System.WhenTerminated.IsCompleted)
                Run(ClrExitReason.Instance).Wait(TotalTimeout);
        }
    }

    public class Reason
    {
        protected Reason()
        {
        }
    }

    public class UnknownReason : Reason
    {
        public static readonly Reason Instance = new UnknownReason();

        private UnknownReason()
        {
        }
    }

    public class ActorSystemTerminateReason : Reason
    {
        public static readonly Reason Instance = new ActorSystemTerminateReason();

        private ActorSystemTerminateReason()
        {
        }
    }

    public class ClrExitReason : Reason
    {
        public static readonly Reason Instance = new ClrExitReason();

        private ClrExitReason()
        {
        }
    }

    private sealed record Phase(string Name, IList<string> DependsOn, TimeSpan Timeout, bool Recover)
    {
        public static Dictionary<string, Phase> Read(Config config)
        {
            var byDefault = config.GetTimeSpan("default-phase-timeout");
            var phases = new Dictionary<string, Phase>();
            foreach (var (name, value) in config.GetConfig("phases").AsEnumerable())
            {
                var phase = value.ToConfig();
                phases[name] = new Phase(name, phase.GetStringList("depends-on"), phase.GetTimeSpan("timeout", byDefault), phase.GetBoolean("recover", true));
            }

            return phases;
        }

        /// <summary>Each behind those that it depends on.</summary>
        public static List<Phase> Sort(Dictionary<string, Phase> phases)
        {
            var sorted = new List<Phase>();
            var visiting = new HashSet<string>();
            foreach (var phase in phases.Values)
                Visit(phase);
            return sorted;

            void Visit(Phase phase)
            {
                if (sorted.Contains(phase))
                    return;
                if (!visiting.Add(phase.Name))
                    throw new ArgumentException($"The phase {phase.Name} depends on itself, directly or by others.");
                foreach (var name in phase.DependsOn)
                {
                    if (phases.TryGetValue(name, out var before))
                        Visit(before);
                }

                sorted.Add(phase);
            }
        }
    }
}

public sealed class CoordinatedShutdownExtension : ExtensionIdProvider<CoordinatedShutdown>
{
    public override CoordinatedShutdown CreateExtension(ExtendedActorSystem system) => new(system);
}
