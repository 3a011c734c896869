namespace AkkaWal.Storage.Maintenance;

/// <summary>Why an operation was refused. It definitely did not happen.</summary>
/// <param name="Kind">The kind of the refusal.</param>
/// <param name="Reason">The reason, for operators.</param>
internal sealed record MaintenanceRefusal(MaintenanceRefusalKind Kind, string Reason)
{
    internal static MaintenanceRefusal NotHeld(string reason) => new(MaintenanceRefusalKind.NotHeld, reason);

    internal static MaintenanceRefusal WrongState(string reason) => new(MaintenanceRefusalKind.WrongState, reason);

    internal static MaintenanceRefusal Invalid(string reason) => new(MaintenanceRefusalKind.Invalid, reason);

    internal static MaintenanceRefusal Unavailable(string reason) => new(MaintenanceRefusalKind.Unavailable, reason);

    /// <summary>The exception for callers of <see cref="SegmentedLog"/>.</summary>
    internal Exception ToException(string parameter) =>
        Kind is MaintenanceRefusalKind.WrongState or MaintenanceRefusalKind.Unavailable
        ? new InvalidOperationException(Reason)
        : new ArgumentException(Reason, parameter);
}

/// <summary>The kinds of refusals.</summary>
internal enum MaintenanceRefusalKind
{
    /// <summary>The log does not hold that segment or offset.</summary>
    NotHeld,

    /// <summary>The segment is active, is in the wanted state already, or is held for a consumer.</summary>
    WrongState,

    /// <summary>The request has a value that is out of its limits.</summary>
    Invalid,

    /// <summary>The operation needs an archive, and none is set.</summary>
    Unavailable,
}
