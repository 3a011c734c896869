namespace AkkaWal.Storage.Maintenance;

/// <summary>Why an operation was not begun: it definitely did not happen.</summary>
/// <param name="Kind">What its asker may conclude.</param>
/// <param name="Reason">For people.</param>
internal sealed record MaintenanceRefusal(MaintenanceRefusalKind Kind, string Reason)
{
    internal static MaintenanceRefusal NotHeld(string reason) => new(MaintenanceRefusalKind.NotHeld, reason);

    internal static MaintenanceRefusal WrongState(string reason) => new(MaintenanceRefusalKind.WrongState, reason);

    internal static MaintenanceRefusal Invalid(string reason) => new(MaintenanceRefusalKind.Invalid, reason);

    internal static MaintenanceRefusal Unavailable(string reason) => new(MaintenanceRefusalKind.Unavailable, reason);

    /// <summary>As an exception of the library that has no actors.</summary>
    internal Exception ToException(string parameter) => Kind is MaintenanceRefusalKind.WrongState or MaintenanceRefusalKind.Unavailable
        ? new InvalidOperationException(Reason)
        : new ArgumentException(Reason, parameter);
}

/// <summary>What kind of refusal.</summary>
internal enum MaintenanceRefusalKind
{
    /// <summary>The log does not hold that segment or offset.</summary>
    NotHeld,

    /// <summary>The segment is the active one, already as asked, or kept by somebody.</summary>
    WrongState,

    /// <summary>The request is out of its limits.</summary>
    Invalid,

    /// <summary>Something that it needs is not there.</summary>
    Unavailable,
}
