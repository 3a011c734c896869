using Akka.Actor;

namespace AkkaWal.Configuration;

/// <summary>The path of a named log's manager: /system, and the log's name with a prefix.</summary>
internal static class LogPaths
{
    private const string NamePrefix = "akka-wal.";

    /// <summary>The name of the manager of a log.</summary>
    internal static string ActorNameOf(string log) => NamePrefix + log;

    /// <summary>The name of a log, from its manager's path; the actor's own name if it lacks the prefix.</summary>
    internal static string NameOf(ActorPath manager) =>
        manager.Name[(manager.Name.StartsWith(NamePrefix, StringComparison.Ordinal) ? NamePrefix.Length : 0)..];

    /// <summary>Parses a path, with or without this system's address; null if it is not a path.</summary>
    internal static ActorPath? Parse(string text, ActorSystem system)
    {
        var whole = text.StartsWith('/') ? $"{new Address("akka", system.Name)}{text}" : text;
        return ActorPath.TryParse(whole, out var path) ? path : null;
    }
}
