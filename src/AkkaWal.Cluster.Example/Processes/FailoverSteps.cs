using System.Globalization;

namespace AkkaWal.Cluster.Example.Processes;

/// <summary>
/// The ends of the steps of a fail-over, as times since the node was killed or left. Null if a step was not seen: a
/// node that leaves never becomes unreachable.
/// </summary>
/// <param name="Detected">The node was unreachable.</param>
/// <param name="Removed">The cluster had removed the node.</param>
/// <param name="Allocated">Sharding had started the last of the logs that were opened elsewhere.</param>
/// <param name="Recovered">The last of these logs was open.</param>
/// <param name="Answered">Each log had acknowledged a new append.</param>
internal sealed record FailoverSteps(
    TimeSpan? Detected, TimeSpan? Removed, TimeSpan? Allocated, TimeSpan? Recovered, TimeSpan Answered)
{
    /// <summary>
    /// How long each step took after the step before it; null if one of the two was not seen.
    /// </summary>
    internal IReadOnlyList<(string Name, TimeSpan? Time)> Times =>
    [
        ("detection: the node is unreachable", Detected),
        ("decision: the node is removed", Removed - Detected),
        ("allocation: its last log is started elsewhere", Allocated - Removed),
        ("recovery: the last log is open", Recovered - Allocated),
        ("answers: each log acknowledges an append", Answered - Recovered),
    ];

    public override string ToString() =>
        $"detected after {Text(Detected)}, removed {Text(Removed)}, last log started {Text(Allocated)} and open "
        + $"{Text(Recovered)}, all answered {Text(Answered)}";

    private static string Text(TimeSpan? time) =>
        time is { TotalSeconds: var seconds } ? string.Create(CultureInfo.InvariantCulture, $"{seconds:F1} s") : "-";
}
