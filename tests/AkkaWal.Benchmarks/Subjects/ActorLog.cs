using Akka.Actor;
using Akka.Configuration;
using AkkaWal.Benchmarks.Harness;
using AkkaWal.Storage;

namespace AkkaWal.Benchmarks.Subjects;

/// <summary>An actor system with a log in it, as an application would run it.</summary>
internal sealed class ActorLog : IDisposable
{
    private readonly bool _isOwn;

    /// <param name="context">The run.</param>
    /// <param name="options">How the log is kept.</param>
    /// <param name="path">An existing log, which is kept; null for a new one, which is deleted at the end.</param>
    internal ActorLog(BenchContext context, WalOptions options, string? path = null)
    {
        _isOwn = path is null;
        Directory = path ?? context.NewPath("akkawal");
        System = NewSystem();
        var settings = new WalSettings { Directory = Directory, Options = options, MaxPendingBytes = 1L << 30 };
        Log = System.ActorOf(LogManager.Props(System, settings, Files), "log");
        // The log answers once it is open.
        new WalClient(Log, TimeSpan.FromMinutes(5)).GetInfoAsync().GetAwaiter().GetResult();
    }

    internal string Directory { get; }

    internal ActorSystem System { get; }

    internal IActorRef Log { get; }

    internal CountingFiles Files { get; } = new();

    internal static ActorSystem NewSystem() => ActorSystem.Create("bench", ConfigurationFactory
        .ParseString(
            "akka { loglevel = ERROR, stdout-loglevel = OFF, log-dead-letters = off, "
            + "log-dead-letters-during-shutdown = off }")
        .WithFallback(WalSettings.ReferenceConfig));

    public void Dispose()
    {
        System.Terminate().GetAwaiter().GetResult();
        if (_isOwn) BenchContext.Remove(Directory);
    }
}
