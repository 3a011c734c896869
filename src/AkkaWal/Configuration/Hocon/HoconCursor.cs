using System.Globalization;
using System.Text;

namespace AkkaWal.Configuration.Hocon;

/// <summary>A position in a HOCON text. Its methods move it over blanks, comments and words.</summary>
internal sealed class HoconCursor(string text)
{
    // The characters that are text only between quotes.
    private const string Special = "$\"{}[]:=,#`^?!@*&\\";

    /// <summary>The index of the next character, from 0.</summary>
    public int At { get; private set; }

    public bool IsAtEnd => At >= text.Length;

    public bool IsAtLineEnd => IsAtEnd || text[At] is '\n' or '\r';

    public bool IsAtComment => StartsWith("#") || StartsWith("//");

    /// <summary>The next character. Not to be used at the end.</summary>
    public char Next => text[At];

    private bool IsAtSpecial => Special.Contains(text[At], StringComparison.Ordinal);

    /// <summary>A character for a message: control characters and blanks as their code point.</summary>
    public static string Name(char character) => char.IsControl(character) || char.IsWhiteSpace(character)
        ? $"U+{(int)character:X4}"
        : $"'{character}'";

    public bool StartsWith(string expected) => string.CompareOrdinal(text, At, expected, 0, expected.Length) == 0;

    public bool TrySkip(string expected)
    {
        if (!StartsWith(expected)) return false;
        At += expected.Length;
        return true;
    }

    public void Return(int position) => At = position;

    /// <summary>Refuses control characters anywhere in the text.</summary>
    public void RefuseControlCharacters()
    {
        for (var index = 0; index < text.Length; index++)
        {
            if (char.IsControl(text[index]) && text[index] is not ('\t' or '\n' or '\r'))
                throw new HoconSyntaxException(index, $"{Name(text[index])} stands in no text");
        }
    }

    /// <summary>Skips white space, line ends and comments.</summary>
    public void SkipBlank()
    {
        while (!IsAtEnd)
        {
            if (char.IsWhiteSpace(Next)) At++;
            else if (!IsAtComment) return;
            else while (!IsAtEnd && Next != '\n') At++;
        }
    }

    /// <summary>Skips the characters between words of one line.</summary>
    public void SkipSpaces()
    {
        while (!IsAtEnd && Next is ' ' or '\t') At++;
    }

    /// <summary>Reads a name without quotes. It may be empty or contain blanks.</summary>
    public string ReadName()
    {
        var start = At;
        while (!IsAtLineEnd && !IsAtComment && Next != '.' && !IsAtSpecial) At++;
        return text[start..At].Trim();
    }

    /// <summary>Reads a word of a value without quotes. It may be empty.</summary>
    public string ReadWord()
    {
        var start = At;
        while (!IsAtEnd && !char.IsWhiteSpace(Next) && !IsAtComment && !IsAtSpecial) At++;
        return text[start..At];
    }

    /// <summary>Skips to the position behind a mark.</summary>
    public bool TrySkipPast(string mark)
    {
        var found = text.IndexOf(mark, At, StringComparison.Ordinal);
        if (found >= 0) At = found + mark.Length;
        return found >= 0;
    }

    /// <summary>Reads a text between quotes.</summary>
    public string ReadQuoted()
    {
        var start = At++;
        var value = new StringBuilder();
        while (!IsAtLineEnd && Next != '"')
        {
            if (Next == '\\') value.Append(ReadEscape());
            else value.Append(text[At++]);
        }

        if (!TrySkip("\"")) throw new HoconSyntaxException(start, "this '\"' is not closed on its line");
        return value.ToString();
    }

    private char ReadEscape()
    {
        const string Letters = "\"\\/bfnrt", Meanings = "\"\\/\b\f\n\r\t";
        const int Digits = 4;
        var start = At++;
        var known = IsAtEnd ? -1 : Letters.IndexOf(Next, StringComparison.Ordinal);
        if (known >= 0)
        {
            At++;
            return Meanings[known];
        }

        if (TrySkip("u") && At + Digits <= text.Length && ushort.TryParse(
            text.AsSpan(At, Digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code))
        {
            At += Digits;
            return (char)code;
        }

        throw new HoconSyntaxException(start, $"behind '\\' stands one of {Letters}, or u and four hexadecimal digits");
    }
}
