namespace AkkaWal.Storage.Files;

/// <summary>
/// Requests to the file system that the log can do without: permissions, space ahead of the tail, write-back. Where the
/// file system does not support one, the log goes on, and notes it once for each kind. For any number of threads.
/// </summary>
/// <param name="note">Takes a line for operators, on the thread that made the request.</param>
internal sealed class Courtesies(Action<string> note)
{
    private readonly HashSet<string> _noted = new(StringComparer.Ordinal);

    /// <summary>Makes a request; notes a failure.</summary>
    internal void Ask(Action courtesy)
    {
        try
        {
            courtesy();
        }
        catch (WalIOException e) when (!e.IsNotOwned)
        {
            Note(e);
        }
    }

    /// <summary>Notes the failure of a request; null where it succeeded.</summary>
    internal void Note(WalIOException? failure)
    {
        if (failure is null || failure.IsPassing) return;
        lock (_noted)
            if (!_noted.Add(failure.Operation)) return;
        note($"{failure.Message}; the log goes on without, and mentions no other file");
    }
}
