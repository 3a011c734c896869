using System.Globalization;
using System.Text;

namespace Akka.Configuration.Hocon;

/// <summary>
/// Reads one HOCON text: objects, lists, quoted, triple-quoted and unquoted text, comments, dotted keys, and
/// substitutions of what the same text says elsewhere.
/// </summary>
/// <exception cref="FormatException">What is wrong, and its line and column.</exception>
internal sealed class HoconParser
{
    private const string NotInText = "$\"{}[]:=,#`^?!@*&\\";

    private readonly string _text;
    private readonly List<Substitution> _substitutions = new();
    private int _at;

    private HoconParser(string text) => _text = text;

    public static HoconValue Parse(string text)
    {
        var parser = new HoconParser(text);
        var root = new HoconObject();
        parser.SkipSpace();
        var isBraced = parser.Take('{');
        parser.ReadMembers(root, isBraced);
        parser.SkipSpace();
        if (parser._at < text.Length)
            throw parser.Wrong("unexpected text behind the end of the root object", parser._at);
        var value = new HoconValue(root);
        parser.Resolve(new Config(value));
        return value;
    }

    private void Resolve(Config config)
    {
        foreach (var substitution in _substitutions)
        {
            var (place, path, at) = substitution;
            var target = config.GetValue(path) ?? throw Wrong($"'{path}', which this substitutes, is nowhere in the text", at);
            if (ReferenceEquals(target, place))
                throw Wrong($"'{path}' is substituted by itself", at);
            place.Add(target);
        }
    }

    private void ReadMembers(HoconObject into, bool isBraced)
    {
        var start = _at;
        for (SkipSpace(); _at < _text.Length; SkipSpace())
        {
            if (!Take('}'))
                ReadMember(into);
            else if (isBraced)
                return;
            else
                throw Wrong("unexpected '}'", _at - 1);
        }

        if (isBraced)
            throw Wrong("this object has no end", start - 1);
    }

    /// <summary>A comma may follow a value that '=' or ':' gave, on its line. None may follow <c>key { }</c>.</summary>
    private void ReadMember(HoconObject into)
    {
        while (true)
        {
            var value = into.GetOrAdd(ReadKey());
            if (Take('.'))
            {
                into = ObjectAt(value);
                continue;
            }

            SkipSpace();
            if (Take('{'))
            {
                ReadMembers(ObjectAt(value), isBraced: true);
                return;
            }

            if (!Take('=') && !Take(':'))
                throw Wrong("expected '=', ':' or '{' behind a key", _at);
            SkipSpace();
            ReadValue(value);
            Take(',');
            return;
        }
    }

    private string ReadKey()
    {
        if (_at < _text.Length && _text[_at] == '"')
            return ReadQuoted();
        var start = _at;
        while (_at < _text.Length && _text[_at] is not ('.' or '\n' or '\r') && !NotInText.Contains(_text[_at]) && !IsComment())
            _at++;
        var key = _text[start.._at].Trim();
        return key.Length > 0 ? key : throw Wrong("expected a key", start);
    }

    /// <summary>Up to the end of the line, a comma, or the end of what is around it.</summary>
    private void ReadValue(HoconValue into)
    {
        var start = _at;
        if (!(_at < _text.Length && _text[_at] == '{'))
            into.Clear();
        while (!IsEndOfValue())
        {
            var c = _text[_at];
            if (c == '{')
            {
                _at++;
                ReadMembers(ObjectAt(into), isBraced: true);
            }
            else if (c == '[')
            {
                _at++;
                into.Add(ReadList());
            }
            else if (c == '"')
            {
                into.Add(ReadQuoted());
            }
            else if (c == '$' && _at + 1 < _text.Length && _text[_at + 1] == '{')
            {
                ReadSubstitution(into);
            }
            else if (c is ' ' or '\t')
            {
                var blanks = _at;
                while (_at < _text.Length && _text[_at] is (' ' or '\t'))
                    _at++;
                if (!IsEndOfValue())
                    into.Add(_text[blanks.._at]);
            }
            else if (NotInText.Contains(c))
            {
                throw Wrong($"unexpected '{c}' in a value; text with this character needs quotes", _at);
            }
            else
            {
                into.Add(ReadUnquoted());
            }
        }

        if (_at == start)
            throw Wrong("expected a value", start);
    }

    private bool IsEndOfValue() => _at >= _text.Length || _text[_at] is '\n' or '\r' or ',' or '}' or ']' || IsComment();

    private List<HoconValue> ReadList()
    {
        var start = _at - 1;
        var list = new List<HoconValue>();
        while (true)
        {
            SkipSpace();
            if (_at >= _text.Length)
                throw Wrong("this list has no end", start);
            if (Take(']'))
                return list;
            var value = new HoconValue();
            ReadValue(value);
            list.Add(value);
            Take(',');
        }
    }

    private void ReadSubstitution(HoconValue into)
    {
        var start = _at;
        var end = _text.IndexOf('}', start);
        var path = end < 0 ? "" : _text[(start + 2)..end].Trim();
        if (path.Length == 0 || path[0] == '?' || path.Contains('\n', StringComparison.Ordinal))
            throw Wrong("expected ${path}; optional substitutions are not supported", start);
        var place = new HoconValue();
        into.Add(place);
        _substitutions.Add(new Substitution(place, path, start));
        _at = end + 1;
    }

    private string ReadQuoted()
    {
        var start = _at;
        if (string.CompareOrdinal(_text, _at, "\"\"\"", 0, 3) == 0)
        {
            var end = _text.IndexOf("\"\"\"", _at + 3, StringComparison.Ordinal);
            if (end < 0)
                throw Wrong("this text has no end", start);
            _at = end + 3;
            return _text[(start + 3)..end];
        }

        var text = new StringBuilder();
        for (_at++; _at < _text.Length; _at++)
        {
            var c = _text[_at];
            if (c == '"')
            {
                _at++;
                return text.ToString();
            }

            if (c == '\n')
                break;
            text.Append(c == '\\' ? ReadEscape() : c);
        }

        throw Wrong("this text has no end", start);
    }

    private char ReadEscape()
    {
        var start = _at++;
        switch (_at < _text.Length ? _text[_at] : '\0')
        {
            case '"': return '"';
            case '\\': return '\\';
            case '/': return '/';
            case 'b': return '\b';
            case 'f': return '\f';
            case 'n': return '\n';
            case 'r': return '\r';
            case 't': return '\t';
            case 'u' when _at + 4 < _text.Length && ushort.TryParse(_text.AsSpan(_at + 1, 4), NumberStyles.HexNumber, null, out var code):
                _at += 4;
                return (char)code;
            default:
                throw Wrong("no such escape sequence", start);
        }
    }

    private string ReadUnquoted()
    {
        var start = _at;
        while (_at < _text.Length && !char.IsWhiteSpace(_text[_at]) && !NotInText.Contains(_text[_at]) && !IsComment())
            _at++;
        return _text[start.._at];
    }

    private static HoconObject ObjectAt(HoconValue value)
    {
        if (value.GetObject() is { } there)
            return there;
        var made = new HoconObject();
        value.Clear();
        value.Add(made);
        return made;
    }

    private bool IsComment() => _text[_at] == '#' || (_text[_at] == '/' && _at + 1 < _text.Length && _text[_at + 1] == '/');

    private void SkipSpace()
    {
        while (_at < _text.Length)
        {
            if (char.IsWhiteSpace(_text[_at]) || _text[_at] == '\uFEFF')
            {
                _at++;
            }
            else if (IsComment())
            {
                var end = _text.IndexOf('\n', _at);
                _at = end < 0 ? _text.Length : end;
            }
            else
            {
                return;
            }
        }
    }

    private bool Take(char c)
    {
        if (_at >= _text.Length || _text[_at] != c)
            return false;
        _at++;
        return true;
    }

    private FormatException Wrong(string what, int at)
    {
        at = Math.Clamp(at, 0, _text.Length);
        var lineStart = at == 0 ? 0 : _text.LastIndexOf('\n', at - 1) + 1;
        var lineEnd = _text.IndexOf('\n', at);
        var line = _text.AsSpan()[..lineStart].Count('\n') + 1;
        return new FormatException($"{what}, at position {at} (line {line}, column {at - lineStart + 1}): {_text[lineStart..(lineEnd < 0 ? _text.Length : lineEnd)].TrimEnd()}");
    }

    private sealed record Substitution(HoconValue Place, string Path, int At);
}
