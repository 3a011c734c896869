using System.Globalization;
using AkkaWal.Node.Bridge.Setup;
using AkkaWal.Node.Translation;

namespace AkkaWal.Node.Bridge.Requests;

/// <summary>
/// How long requests may take, counted from when they were read, and the error for those that took longer. A request
/// that was not begun definitely did not happen; the outcome of any other is unknown.
/// </summary>
internal sealed class RequestTimes(NodeSettings settings)
{
    private const string Key = "akka-wal.node.request-timeout";
    private const string SlowKey = "akka-wal.node.maintenance-timeout";

    private readonly string _late = LateBy(settings.RequestTimeout, Key);
    private readonly string _slowLate = LateBy(settings.MaintenanceTimeout, SlowKey);
    private readonly string _lastSyncLate =
        $"it took longer than {Say(settings.FinalSyncTimeout)} (akka-wal.node.final-sync-timeout)";

    /// <summary>The error for a request that was not begun in time.</summary>
    public string NotBegun { get; } = "it waited behind other requests until its time was up "
        + $"({Say(settings.RequestTimeout)}, {Key}) and was not begun: it did not happen, and may be asked for again";

    /// <summary>How long a request may take.</summary>
    public long LimitOf(Operation? operation) =>
        (operation is { IsSlow: true } ? settings.MaintenanceTimeout : settings.RequestTimeout).Ticks;

    /// <summary>How long the last sync may take.</summary>
    public long LastSyncLimit => settings.FinalSyncTimeout.Ticks;

    /// <summary>
    /// The error for a request that was begun and not answered in time; null stands for the last sync.
    /// </summary>
    public string Late(Operation? operation) =>
        operation is null ? _lastSyncLate : operation.IsSlow ? _slowLate : _late;

    private static string LateBy(TimeSpan time, string key) =>
        $"not answered within {Say(time)} of being read ({key}): whether it happened is not known";

    /// <summary>A duration, for operators.</summary>
    public static string Say(TimeSpan time) => time < TimeSpan.FromSeconds(1)
        ? $"{time.TotalMilliseconds.ToString("0.###", CultureInfo.InvariantCulture)} ms"
        : $"{time.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture)} s";
}
