namespace AkkaWal.Storage.Files;

/// <summary>
/// What a file system is asked for beside what the log promises: permissions, space ahead, write-out. Where it does not do that the log
/// goes on without, and says so once for each kind. For any number of threads.
/// </summary>
/// <param name="note">Takes a line for people, on the thread that found out.</param>
internal sealed class Courtesies(Action<string> note)
{
    private readonly HashSet<string> _noted = new(StringComparer.Ordinal);

    /// <summary>Asks for one.</summary>
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

    /// <summary>Takes what became of one: null where it was done.</summary>
    internal void Note(WalIOException? failure)
    {
        if (failure is null || failure.IsPassing) return;
        lock (_noted)
            if (!_noted.Add(failure.Operation)) return;
        note($"{failure.Message}; the log goes on without, and mentions no other file");
    }
}
