using System.Diagnostics.CodeAnalysis;
using Akka.Actor;
using Akka.Dispatch;

namespace Akka.Event;

/// <summary>
/// A logger that is no actor: it works before the first actor starts and after the last one has stopped. Any thread may
/// call it at any time.
/// </summary>
public abstract class MinimalLogger : MinimalActorRef
{
    private readonly ActorPath _path = new RootActorPath(new Address("akka", "all-systems"), "/StandardOutLogger");

    public sealed override ActorPath Path => _path;

    public sealed override IActorRefProvider Provider => throw new NotSupportedException("A logger of this kind belongs to no system.");

    protected abstract void Log(object message);

    protected sealed override void TellInternal(object message, IActorRef sender) =>
        Log(message ?? throw new ArgumentNullException(nameof(message)));
}

/// <summary>For an actor that is a logger.</summary>
public interface ILoggerMessageQueueSemantics : ISemantics
{
}

/// <summary>Writes to standard output.</summary>
public class StandardOutLogger : MinimalLogger
{
    private static readonly Lock Gate = new();

    public static bool UseColors { get; set; } = true;

    [SuppressMessage("Design", "CA1031", Justification = "a bad log line must not end the actor that wrote it")]
    protected override void Log(object message)
    {
        string line;
        try
        {
            line = message.ToString();
        }
        catch (Exception e)
        {
            line = $"[ERROR] a log line could not be formatted: {e.Message}";
        }

        lock (Gate)
        {
            var color = UseColors && !Console.IsOutputRedirected ? ColorOf(message) : null;
            if (color is not null)
                Console.ForegroundColor = color.Value;
            Console.WriteLine(line);
            if (color is not null)
                Console.ResetColor();
        }
    }

    private static ConsoleColor? ColorOf(object message) => message switch
    {
        Debug => ConsoleColor.Gray,
        Info => ConsoleColor.White,
        Warning => ConsoleColor.Yellow,
        Error => ConsoleColor.Red,
        _ => null,
    };
}

/// <summary>Waits for a logger's LoggerInitialized.</summary>
internal sealed class LoggerStart(ActorSystemImpl system) : MinimalActorRef
{
    private readonly ManualResetEventSlim _started = new();
    private readonly ActorPath _path = system.TempPath();

    public override ActorPath Path => _path;

    public override IActorRefProvider Provider => system;

    public bool Wait(TimeSpan limit) => _started.Wait(limit);

    protected override void TellInternal(object message, IActorRef sender)
    {
        if (message is LoggerInitialized)
            _started.Set();
    }
}

/// <summary>Hands what it gets to the settings' <see cref="Settings.StdoutLogger"/>.</summary>
public class DefaultLogger : ActorBase, IRequiresMessageQueue<ILoggerMessageQueueSemantics>
{
    private MinimalLogger _stdoutLogger;

    protected override bool Receive(object message)
    {
        switch (message)
        {
            case InitializeLogger:
                _stdoutLogger = Context.System.Settings.StdoutLogger;
                Sender.Tell(new LoggerInitialized());
                return true;
            case LogEvent logEvent:
                Print(logEvent);
                return true;
            default:
                return false;
        }
    }

    protected virtual void Print(LogEvent logEvent) =>
        (_stdoutLogger ?? throw new InvalidOperationException("A logger prints once it has had InitializeLogger.")).Tell(logEvent, ActorRefs.NoSender);
}
