using System.Buffers;
using System.Text;

namespace AkkaWal.Storage;

/// <summary>
/// Limits notes that repeat: the first few of each kind are passed on, the others are counted. Two notes are of one
/// kind where they differ only in names and numbers. For one thread.
/// </summary>
/// <param name="tell">Takes a note.</param>
internal sealed class RepeatedNotes(Action<string> tell)
{
    /// <summary>How many notes of a kind are passed on.</summary>
    internal const int MostTold = 3;

    /// <summary>How many kinds are counted apart; all further kinds count as one.</summary>
    internal const int MostKinds = 64;

    private static readonly SearchValues<char> OfNames = SearchValues.Create("/0123456789");

    private readonly Dictionary<string, (string First, int Count)> _kinds = new(StringComparer.Ordinal);

    /// <summary>Passes a note on, or counts it.</summary>
    internal void Note(string text)
    {
        var kind = KindOf(text);
        if (_kinds.Count >= MostKinds && !_kinds.ContainsKey(kind)) kind = "";
        var (first, count) = _kinds.GetValueOrDefault(kind, (text, 0));
        _kinds[kind] = (first, count + 1);
        if (count < MostTold) tell(text);
    }

    /// <summary>Reports how many notes of each kind were not passed on, and starts counting anew.</summary>
    internal void End()
    {
        foreach (var (first, count) in _kinds.Values)
            if (count > MostTold) tell($"... and {count - MostTold} more like it: {first}");
        _kinds.Clear();
    }

    // A word with a digit or a slash counts as a name or a number.
    private static string KindOf(string text)
    {
        var kind = new StringBuilder(text.Length);
        foreach (var word in text.Split(' ')) kind.Append(word.AsSpan().ContainsAny(OfNames) ? "*" : word).Append(' ');
        return kind.ToString();
    }
}
