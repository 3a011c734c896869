using Akka.Actor;

namespace AkkaWal.Configuration;

/// <summary>Where the manager of a named log is: below /system, under the log's name behind a prefix.</summary>
internal static class LogPaths
{
    private const string NamePrefix = "akka-wal.";

    /// <summary>The name of the manager of a log.</summary>
    internal static string ActorNameOf(string log) => NamePrefix + log;

    /// <summary>The name of a log, from its manager's path; that actor's own name where the path is another.</summary>
    internal static string NameOf(ActorPath manager) =>
        manager.Name[(manager.Name.StartsWith(NamePrefix, StringComparison.Ordinal) ? NamePrefix.Length : 0)..];

    /// <summary>
    /// The path that a text means: whole, or without the address of this system; null where it is none.
    /// </summary>
    internal static ActorPath? Parse(string text, ActorSystem system)
    {
        var whole = text.StartsWith('/') ? $"{new Address("akka", system.Name)}{text}" : text;
        return ActorPath.TryParse(whole, out var path) ? path : null;
    }
}
