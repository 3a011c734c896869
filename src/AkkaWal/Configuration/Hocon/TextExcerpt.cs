using System.Text;

namespace AkkaWal.Configuration.Hocon;

/// <summary>Text of somebody else's as part of a line that people read.</summary>
internal static class TextExcerpt
{
    private const int MaxCharacters = 80;

    /// <summary>The text, without its control characters, cut off where it is long.</summary>
    public static string Of(string text)
    {
        bool isLong = text.Length > MaxCharacters;
        var line = new StringBuilder();
        foreach (char character in isLong ? text.AsSpan(0, MaxCharacters) : text)
            line.Append(char.IsControl(character) ? ' ' : character);
        return isLong ? line.Append("...").ToString() : line.ToString();
    }
}
