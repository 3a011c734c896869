using System.Globalization;
using System.Text;

namespace AkkaWal.Configuration.Hocon;

/// <summary>A place in a text of HOCON that moves on: over what separates words, and over words.</summary>
internal sealed class HoconCursor(string text)
{
    // What stands for itself only between quotes.
    private const string Special = "$\"{}[]:=,#`^?!@*&\\";

    /// <summary>The next character's place, from 0.</summary>
    public int At { get; private set; }

    public bool IsAtEnd => At >= text.Length;

    public bool IsAtLineEnd => IsAtEnd || text[At] is '\n' or '\r';

    public bool IsAtComment => StartsWith("#") || StartsWith("//");

    /// <summary>The next character; not to be asked for at the end.</summary>
    public char Next => text[At];

    private bool IsAtSpecial => Special.Contains(text[At], StringComparison.Ordinal);

    /// <summary>A character as a line shows it: by its number where it would change the line.</summary>
    public static string Name(char character) => char.IsControl(character) || char.IsWhiteSpace(character)
        ? $"U+{(int)character:X4}"
        : $"'{character}'";

    public bool StartsWith(string expected) => string.CompareOrdinal(text, At, expected, 0, expected.Length) == 0;

    public bool TryTake(string expected)
    {
        if (!StartsWith(expected)) return false;
        At += expected.Length;
        return true;
    }

    public void Return(int position) => At = position;

    /// <summary>Refuses what no text has, wherever it stands.</summary>
    public void RefuseControlCharacters()
    {
        for (int index = 0; index < text.Length; index++)
        {
            if (char.IsControl(text[index]) && text[index] is not ('\t' or '\n' or '\r'))
                throw new HoconSyntaxException(index, $"{Name(text[index])} stands in no text");
        }
    }

    /// <summary>Passes over white space, ends of lines and comments.</summary>
    public void SkipBlank()
    {
        while (!IsAtEnd)
        {
            if (char.IsWhiteSpace(Next)) At++;
            else if (!IsAtComment) return;
            else while (!IsAtEnd && Next != '\n') At++;
        }
    }

    /// <summary>Passes over what separates words within a line.</summary>
    public void SkipSpaces()
    {
        while (!IsAtEnd && Next is ' ' or '\t') At++;
    }

    /// <summary>A name without quotes, up to what can't stand in it. May be empty, or have blanks in it.</summary>
    public string TakeName()
    {
        int start = At;
        while (!IsAtLineEnd && !IsAtComment && Next != '.' && !IsAtSpecial) At++;
        return text[start..At].Trim();
    }

    /// <summary>A word of a value without quotes. May be empty.</summary>
    public string TakeWord()
    {
        int start = At;
        while (!IsAtEnd && !char.IsWhiteSpace(Next) && !IsAtComment && !IsAtSpecial) At++;
        return text[start..At];
    }

    /// <summary>Passes over a text that ends with a mark.</summary>
    public bool TrySkipPast(string mark)
    {
        int found = text.IndexOf(mark, At, StringComparison.Ordinal);
        if (found >= 0) At = found + mark.Length;
        return found >= 0;
    }

    /// <summary>What stands between quotes.</summary>
    public string TakeQuoted()
    {
        int start = At++;
        var value = new StringBuilder();
        while (!IsAtLineEnd && Next != '"')
        {
            if (Next == '\\') value.Append(TakeEscape());
            else value.Append(text[At++]);
        }

        if (!TryTake("\"")) throw new HoconSyntaxException(start, "this '\"' is not closed on its line");
        return value.ToString();
    }

    private char TakeEscape()
    {
        const string Letters = "\"\\/bfnrt", Meanings = "\"\\/\b\f\n\r\t";
        const int Digits = 4;
        int start = At++;
        int known = IsAtEnd ? -1 : Letters.IndexOf(Next, StringComparison.Ordinal);
        if (known >= 0)
        {
            At++;
            return Meanings[known];
        }

        if (TryTake("u") && At + Digits <= text.Length && ushort.TryParse(
            text.AsSpan(At, Digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ushort code))
        {
            At += Digits;
            return (char)code;
        }

        throw new HoconSyntaxException(start, $"behind '\\' stands one of {Letters}, or u and four hexadecimal digits");
    }
}
