using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Event;

namespace Akka.Standin.Tests;

public sealed class LoggingSpec
{
    private static readonly Config Collecting = ConfigurationFactory.ParseString("""
        akka.loggers = ["Akka.Standin.Tests.CollectingLogger, Akka.Standin.Tests"]
        akka.loglevel = INFO
        akka.stdout-loglevel = OFF
        """);

    [Fact]
    public async Task A_logger_should_get_what_the_level_lets_through()
    {
        var lines = await Run("levels", "", system =>
        {
            var log = Logging.GetLogger(system, "test");
            log.Debug("never seen {0}", 1);
            log.Info("plain");
            log.Warning("with {0} and {1}", 1, "two");
            log.Error(new InvalidOperationException("cause"), "failed {0}", 3);
            Assert.False(log.IsDebugEnabled);
            Assert.True(log.IsInfoEnabled);
        });
        Assert.Equal(["InfoLevel plain", "WarningLevel with 1 and two", "ErrorLevel failed 3 (cause)"], lines.Where(line => line.Source.StartsWith("test", StringComparison.Ordinal)).Select(line => line.Text));
    }

    [Fact]
    public async Task An_actors_log_should_carry_its_path()
    {
        var lines = await Run("paths", "", system =>
            system.ActorOf(Props.Create<Talker>(), "talker").Ask("speak", TimeSpan.FromSeconds(3)).Wait(TimeSpan.FromSeconds(3)));
        Assert.Contains(lines, line => line == ("akka://paths/user/talker", "InfoLevel heard speak"));
    }

    [Theory]
    [InlineData("off", 0)]
    [InlineData("on", 1)]
    public async Task A_dead_letter_should_be_logged_unless_that_is_off(string setting, int expected)
    {
        var lines = await Run("letters-" + setting, "akka.log-dead-letters = " + setting, system =>
        {
            // Whoever logs dead letters is an actor, which has to be there first.
            if (expected > 0) system.ActorSelection("/system/deadLetterListener").ResolveOne(TimeSpan.FromSeconds(3)).Wait(TimeSpan.FromSeconds(3));
            var actor = system.ActorOf(Props.Create<Talker>(), "gone");
            actor.GracefulStop(TimeSpan.FromSeconds(3)).Wait(TimeSpan.FromSeconds(3));
            actor.Tell("anyone?");
            // And it stands between them and the logger.
            if (expected > 0) Assert.True(SpinWait.SpinUntil(() => CountIn(CollectingLogger.Lines.GetOrAdd(system.Name, _ => new())) > 0, TimeSpan.FromSeconds(5)));
            Idle(system);
        });
        Assert.Equal(expected, CountIn(lines));

        static int CountIn(IEnumerable<(string Source, string Text)> lines) => lines.Count(line => line.Text.Contains("anyone?", StringComparison.Ordinal));
    }

    [Fact]
    public void A_logger_that_does_not_exist_should_be_refused() =>
        Assert.Throws<ConfigurationException>(() => ActorSystem.Create("bad", "akka.loggers = [\"No.Such, Type\"], akka.stdout-loglevel = OFF"));

    private static async Task<List<(string Source, string Text)>> Run(string name, string settings, Action<ActorSystem> work)
    {
        var system = ActorSystem.Create(name, ConfigurationFactory.ParseString(settings).WithFallback(Collecting));
        work(system);
        var lines = CollectingLogger.Lines.GetOrAdd(name, _ => new());
        Idle(system);
        await system.Terminate().WaitAsync(TimeSpan.FromSeconds(10));
        return [.. lines];
    }

    /// <summary>The logger has handled all that was published before this one.</summary>
    private static void Idle(ActorSystem system)
    {
        var marker = Guid.NewGuid().ToString();
        Logging.GetLogger(system, "idle").Info(marker);
        var lines = CollectingLogger.Lines.GetOrAdd(system.Name, _ => new());
        Assert.True(SpinWait.SpinUntil(() => lines.Any(line => line.Text.EndsWith(marker, StringComparison.Ordinal)), TimeSpan.FromSeconds(5)));
    }

    private sealed class Talker : ReceiveActor
    {
        private readonly ILoggingAdapter _log = Context.GetLogger();

        public Talker() => Receive<string>(message =>
        {
            _log.Info("heard {0}", message);
            Sender.Tell(message);
        });
    }
}

public sealed class CollectingLogger : ReceiveActor, IRequiresMessageQueue<ILoggerMessageQueueSemantics>
{
    public CollectingLogger()
    {
        var lines = Lines.GetOrAdd(Context.System.Name, _ => new());
        Receive<InitializeLogger>(_ => Sender.Tell(new LoggerInitialized()));
        Receive<LogEvent>(log => lines.Enqueue((log.LogSource, $"{log.LogLevel()} {log.Message}{(log.Cause is null ? "" : $" ({log.Cause.Message})")}")));
    }

    public static System.Collections.Concurrent.ConcurrentDictionary<string, System.Collections.Concurrent.ConcurrentQueue<(string Source, string Text)>> Lines { get; } = new();
}
