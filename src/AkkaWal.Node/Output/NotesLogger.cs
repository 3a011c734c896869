using Akka.Event;
using AkkaWal.Storage;

namespace AkkaWal.Node.Output;

/// <summary>
/// Akka.NET's lines as notes for people: without the time, the thread and the actor, but for those who debug. Named in
/// node.conf; prints on the console, which <see cref="NotesTextWriter"/> stands in for.
/// </summary>
internal sealed class NotesLogger : MinimalLogger
{
    protected override void Log(object message)
    {
        if (message is LogEvent logged) Console.Out.WriteLine(Tell(logged));
    }

    /// <summary>What a person reads of a line.</summary>
    internal static string Tell(LogEvent logged) => logged.LogLevel() switch
    {
        LogLevel.ErrorLevel => $"[ERROR] {logged.Message}{Cause(logged.Cause)}",
        LogLevel.WarningLevel => $"[WARNING] {logged.Message}{Cause(logged.Cause)}",
        LogLevel.InfoLevel => $"[INFO] {logged.Message}",
        _ => $"[DEBUG] {logged.LogSource}: {logged.Message}",
    };

    // A failure of the log explains itself; of any other the place in the code is what whoever mends it needs.
    private static string Cause(Exception? cause) => cause switch
    {
        null => "",
        WalException => $": {cause.Message}",
        _ => $"\n{cause}",
    };
}
