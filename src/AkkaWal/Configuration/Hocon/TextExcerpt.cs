using System.Text;

namespace AkkaWal.Configuration.Hocon;

/// <summary>Shortens foreign text for a line of a message.</summary>
internal static class TextExcerpt
{
    private const int MaxCharacters = 80;

    /// <summary>The text without control characters, cut off if it is long.</summary>
    public static string Of(string text)
    {
        var isLong = text.Length > MaxCharacters;
        var line = new StringBuilder();
        foreach (var character in isLong ? text.AsSpan(0, MaxCharacters) : text)
            line.Append(char.IsControl(character) ? ' ' : character);
        return isLong ? line.Append("...").ToString() : line.ToString();
    }
}
