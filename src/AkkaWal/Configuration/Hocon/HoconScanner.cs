namespace AkkaWal.Configuration.Hocon;

/// <summary>
/// Reads HOCON strictly. Akka.NET's own parser misreads or ignores text that it does not understand: an extra closing
/// brace ends the file, a missing one goes unnoticed, and some texts make it loop until memory runs out.
/// </summary>
/// <remarks>
/// <code>
/// text    = members | "{" members "}"
/// members = { name { "." name } ( ( "=" | ":" ) value | "{" members "}" ) }
/// value   = element { element }  on one line, all of one kind, and then a ",", a line's end, or a closing bracket
/// element = "{" members "}" | "[" { value } "]" | "text" | """text""" | text | "${" key "}"
/// </code>
/// Akka.NET reads every accepted text with the meaning above. HOCON that Akka.NET does not support is refused: include,
/// optional substitutions, <c>+=</c>.
/// </remarks>
internal sealed class HoconScanner
{
    /// <summary>The deepest nesting of sections, lists and dotted keys, since Akka.NET's parser recurses.</summary>
    public const int MaxDepth = 64;

    private const string TripleQuote = "\"\"\"";

    private readonly HoconCursor _text;
    private readonly List<HoconPlace> _keys = [];
    private readonly HoconSubstitutions _substitutions = new();

    private HoconScanner(string text) => _text = new HoconCursor(text);

    private enum Kind
    {
        Unknown,
        Text,
        List,
        Section,
    }

    /// <summary>Reads a text to its end.</summary>
    /// <returns>The keys of all values and sections, in order, with repetitions.</returns>
    /// <exception cref="HoconSyntaxException">The text is not the HOCON of the remarks.</exception>
    public static IReadOnlyList<HoconPlace> Scan(string text)
    {
        var scanner = new HoconScanner(text);
        scanner._text.RefuseControlCharacters();
        scanner.ReadText();
        scanner._substitutions.Check(scanner._keys);
        return scanner._keys;
    }

    private void ReadText()
    {
        _text.SkipBlank();
        var opened = _text.At;
        if (_text.TrySkip("{")) ReadMembers("", opened, depth: 1);
        else ReadMembers("", opened: -1, depth: 0);

        _text.SkipBlank();
        if (!_text.IsAtEnd) throw Fail("the text goes on behind the '}' that closes its first '{'");
    }

    // Reads members up to and with the closing brace; at the top level, up to the end of the text.
    private void ReadMembers(string section, int opened, int depth)
    {
        RefuseDepth(depth, opened);
        while (true)
        {
            _text.SkipBlank();
            if (_text.IsAtEnd && opened < 0) return;
            if (_text.IsAtEnd) throw Fail(opened, $"this '{{'{Of(section)} is never closed");
            if (opened < 0 && _text.Next == '}') throw Fail("this '}' closes nothing");
            if (_text.TrySkip("}")) return;
            ReadMember(section, depth);
        }
    }

    private void ReadMember(string section, int depth)
    {
        var start = _text.At;
        RefuseInclude();
        var key = ReadKey(section, ref depth);
        _keys.Add(new HoconPlace(key, start));

        _text.SkipBlank();
        var sign = _text.At;
        if (_text.TrySkip("="))
        {
            ReadValue(key, depth);
        }
        else if (_text.TrySkip(":"))
        {
            ReadValue(key, depth);
        }
        else if (_text.TrySkip("{"))
        {
            ReadMembers(key, sign, depth + 1);
            _text.SkipSpaces();
            if (_text.StartsWith(","))
                throw Fail($"Akka.NET takes no ',' here: leave it out, or write '{Line(key)} = {{'");
        }
        else
        {
            throw Fail(start, $"{Line(key)} has neither '=' nor '{{' behind it");
        }
    }

    private string ReadKey(string section, ref int depth)
    {
        var key = section;
        do
        {
            _text.SkipSpaces();
            RefuseDepth(++depth, _text.At);
            key = HoconPath.Join(key, ReadName());
            _text.SkipSpaces();
        }
        while (_text.TrySkip("."));
        return key;
    }

    private string ReadName()
    {
        var start = _text.At;
        if (_text.StartsWith(TripleQuote)) throw Fail("a key stands between single quotes");
        if (_text.StartsWith("\"")) return _text.ReadQuoted();

        var name = _text.ReadName();
        if (name.EndsWith('+') && _text.StartsWith("=")) throw Fail(_text.At - 1, "Akka.NET knows no '+='");
        if (name.Length > 0) return name;
        if (_text.IsAtLineEnd || _text.IsAtComment) throw Fail(start, "a key ends with a dot");
        throw Fail(_text.Next switch
        {
            '=' or ':' or '.' or '{' => $"a key is missing before '{_text.Next}'",
            ']' => "this ']' closes nothing",
            ',' => "this ',' follows no value",
            _ => $"a key with '{_text.Next}' in it must stand between quotes",
        });
    }

    private void RefuseInclude()
    {
        var start = _text.At;
        if (!_text.TrySkip("include")) return;
        var end = _text.At;
        _text.SkipBlank();
        if (_text.At > end && _text.StartsWith("\""))
            throw Fail(start, "include is not supported: put what it includes here");
        _text.Return(start);
    }

    private void ReadValue(string key, int depth)
    {
        _text.SkipBlank();
        var start = _text.At;
        var kind = Kind.Unknown;
        for (var begin = start; TryReadElement(key, depth, out var next); begin = _text.At)
        {
            if (next != Kind.Unknown && kind != Kind.Unknown && next != kind)
                throw Fail(begin, $"the value of {Line(key)} is of two kinds at once");
            if (next != Kind.Unknown) kind = next;
            _text.SkipSpaces();
        }

        if (_text.At == start && _text.IsAtEnd) throw Fail($"{Line(key)} has no value: the text ends");
        if (_text.At == start) throw Fail($"{Line(key)} has no value, but {HoconCursor.Name(_text.Next)}");
        if (_text.TrySkip(",") || _text.IsAtLineEnd || _text.IsAtComment || _text.Next is '}' or ']') return;
        var hint = _text.Next is '=' or ':'
            ? "a value is missing before it, or it belongs between quotes"
            : "a value with it must stand between quotes";
        throw Fail($"{HoconCursor.Name(_text.Next)} in the value of {Line(key)}: {hint}");
    }

    private bool TryReadElement(string key, int depth, out Kind kind)
    {
        kind = Kind.Text;
        var start = _text.At;
        if (_text.TrySkip("{"))
        {
            kind = Kind.Section;
            ReadMembers(key, start, depth + 1);
        }
        else if (_text.TrySkip("["))
        {
            kind = Kind.List;
            ReadList(key, start, depth + 1);
        }
        else if (_text.TrySkip("${"))
        {
            kind = Kind.Unknown;
            ReadSubstitution(key, start);
        }
        else if (_text.TrySkip(TripleQuote))
        {
            if (!_text.TrySkipPast(TripleQuote)) throw Fail(start, $"this {TripleQuote} is never closed");
        }
        else if (_text.StartsWith("\""))
        {
            _text.ReadQuoted();
        }
        else
        {
            _text.ReadWord();
        }

        return _text.At > start;
    }

    private void ReadList(string key, int opened, int depth)
    {
        RefuseDepth(depth, opened);
        for (var count = 0; ; count++)
        {
            _text.SkipBlank();
            if (_text.IsAtEnd || _text.Next == '}') throw Fail(opened, $"this '['{Of(key)} is never closed");
            if (_text.Next == ',') throw Fail("a value is missing before ','");
            if (_text.Next == ']' && count == 0 && _text.At > opened + 1)
                throw Fail(opened, "an empty list is [] with nothing between: Akka.NET takes a blank for a value");
            if (_text.TrySkip("]")) return;
            ReadValue(key, depth);
        }
    }

    private void ReadSubstitution(string key, int start)
    {
        if (_text.StartsWith("?")) throw Fail(start, "Akka.NET knows no optional substitution");
        var wanted = _text.ReadWord();
        if (!_text.TrySkip("}")) throw Fail(start, "this '${' is never closed");
        _substitutions.Add(key, wanted, start);
    }

    private static void RefuseDepth(int depth, int position)
    {
        if (depth > MaxDepth) throw Fail(position, $"this is nested deeper than {MaxDepth}");
    }

    private HoconSyntaxException Fail(string reason) => Fail(_text.At, reason);

    private static HoconSyntaxException Fail(int position, string reason) => new(position, reason);

    private static string Of(string key) => key.Length == 0 ? "" : $" of {Line(key)}";

    // For messages: a key may have any length and contain any character.
    private static string Line(string key) => TextExcerpt.Of(key);
}
