using System.Buffers;
using System.Text;

namespace AkkaWal.Storage;

/// <summary>
/// Lines for people, of which many may say the same of another file: the first few of a kind are told, the others counted. What stands
/// in place of names and numbers makes no difference of kind. For one thread.
/// </summary>
/// <param name="tell">Takes a line.</param>
internal sealed class RepeatedNotes(Action<string> tell)
{
    /// <summary>So many of a kind are told.</summary>
    internal const int MostTold = 3;

    /// <summary>So many kinds are told apart; what comes then is one more kind.</summary>
    internal const int MostKinds = 64;

    private static readonly SearchValues<char> OfNames = SearchValues.Create("/0123456789");

    private readonly Dictionary<string, (string First, int Count)> _kinds = new(StringComparer.Ordinal);

    /// <summary>Tells a note, or counts it.</summary>
    internal void Note(string text)
    {
        var kind = KindOf(text);
        if (_kinds.Count >= MostKinds && !_kinds.ContainsKey(kind)) kind = "";
        var (first, count) = _kinds.GetValueOrDefault(kind, (text, 0));
        _kinds[kind] = (first, count + 1);
        if (count < MostTold) tell(text);
    }

    /// <summary>Tells how many were not told, and begins anew.</summary>
    internal void End()
    {
        foreach (var (first, count) in _kinds.Values)
            if (count > MostTold) tell($"... and {count - MostTold} more like it: {first}");
        _kinds.Clear();
    }

    // A word with a digit or a slash in it is a name or a number.
    private static string KindOf(string text)
    {
        var kind = new StringBuilder(text.Length);
        foreach (var word in text.Split(' ')) kind.Append(word.AsSpan().ContainsAny(OfNames) ? "*" : word).Append(' ');
        return kind.ToString();
    }
}
