namespace AkkaWal.Configuration.Hocon;

/// <summary>
/// The substitutions of a text. Akka.NET resolves them within the text only. A circular one ends the process with a
/// stack overflow when its value is read.
/// </summary>
internal sealed class HoconSubstitutions
{
    /// <summary>The most substitutions in a text. The check compares each one with each other.</summary>
    public const int MaxCount = 256;

    private readonly List<(string Owner, string Wanted, int Position)> _all = [];

    /// <summary>Adds a substitution.</summary>
    /// <param name="owner">The key whose value has the substitution.</param>
    /// <param name="wanted">The key that it refers to.</param>
    /// <param name="position">Its position in the text.</param>
    public void Add(string owner, string wanted, int position)
    {
        if (_all.Count == MaxCount) throw new HoconSyntaxException(position, $"more than {MaxCount} substitutions");
        _all.Add((owner, wanted, position));
    }

    /// <summary>Refuses substitutions that are circular or refer to missing keys.</summary>
    public void Check(IReadOnlyList<HoconPlace> keys)
    {
        foreach (var (_, wanted, position) in _all)
        {
            if (!keys.Any(place => HoconPath.IsWithin(place.Key, wanted)))
                throw Fail(wanted, position, "names no key of this text, and Akka.NET looks nowhere else");
        }

        // 0: not visited; 1: being followed; 2: known to end
        var states = new int[_all.Count];
        for (var index = 0; index < _all.Count; index++) Follow(index, states);
    }

    private void Follow(int index, int[] states)
    {
        if (states[index] == 2) return;
        var (_, wanted, position) = _all[index];
        if (states[index] == 1) throw Fail(wanted, position, "comes to need its own value");

        states[index] = 1;
        for (var next = 0; next < _all.Count; next++)
        {
            var owner = _all[next].Owner;
            if (HoconPath.IsWithin(owner, wanted) || HoconPath.IsWithin(wanted, owner)) Follow(next, states);
        }

        states[index] = 2;
    }

    private static HoconSyntaxException Fail(string wanted, int position, string reason) =>
        new(position, $"${{{TextExcerpt.Of(wanted)}}} {reason}");
}
