using Akka.Event;
using AkkaWal.Storage;

namespace AkkaWal.Node.Output;

/// <summary>
/// Writes Akka.NET's log events for operators: without time, thread and actor, except for debug events. node.conf names
/// it. It prints on the console, which <see cref="NotesTextWriter"/> replaces.
/// </summary>
internal sealed class NotesLogger : MinimalLogger
{
    protected override void Log(object message)
    {
        if (message is LogEvent logged) Console.Out.WriteLine(TextOf(logged));
    }

    /// <summary>A log event as a line for operators.</summary>
    internal static string TextOf(LogEvent logged) => logged.LogLevel() switch
    {
        LogLevel.ErrorLevel => $"[ERROR] {logged.Message}{Cause(logged.Cause)}",
        LogLevel.WarningLevel => $"[WARNING] {logged.Message}{Cause(logged.Cause)}",
        LogLevel.InfoLevel => $"[INFO] {logged.Message}",
        _ => $"[DEBUG] {logged.LogSource}: {logged.Message}",
    };

    // The log's own errors explain themselves. For any other the stack trace is needed to find the cause.
    private static string Cause(Exception? cause) => cause switch
    {
        null => "",
        WalException => $": {cause.Message}",
        _ => $"\n{cause}",
    };
}
