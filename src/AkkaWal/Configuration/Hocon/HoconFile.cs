using System.Text;
using Akka.Configuration;
using AkkaWal.Storage;
using AkkaWal.Storage.Files;

namespace AkkaWal.Configuration.Hocon;

/// <summary>
/// A HOCON file, read strictly: text that Akka.NET would silently misread is refused with file, line and column. Its
/// keys are checked when the settings are read from it.
/// </summary>
public sealed class HoconFile
{
    /// <summary>The longest file, in bytes.</summary>
    public const int MaxBytes = 1 << 20;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly string _name;
    private readonly string _text;
    private readonly IReadOnlyList<HoconPlace> _places;

    private HoconFile(string name, string text)
    {
        _name = name;
        _text = text;
        try
        {
            _places = HoconScanner.Scan(text);
            // A line feed is added, since Akka.NET turns a comment sign at the end of the text into a key.
            Config = ConfigurationFactory.ParseString(text + "\n");
        }
        catch (HoconSyntaxException e)
        {
            throw new WalConfigException($"{PlaceOf(e.Position)}: {e.Message}", e);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            throw new WalConfigException($"{name}: Akka.NET can't read it: {TextExcerpt.Of(e.Message)}", e);
        }
    }

    /// <summary>The file's configuration.</summary>
    public Config Config { get; }

    /// <summary>The keys of all values and sections in the file, in order.</summary>
    internal IEnumerable<string> Keys => _places.Select(static place => place.Key).Distinct();

    /// <summary>Reads a file.</summary>
    /// <exception cref="WalConfigException">
    /// It can't be read, is longer than <see cref="MaxBytes"/>, is not UTF-8, or is not HOCON that Akka.NET reads as it
    /// is meant. <c>include</c>, <c>+=</c> and optional substitutions are refused.
    /// </exception>
    public static HoconFile Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var bytes = ReadBytes(path);
        try
        {
            var mark = Encoding.UTF8.Preamble;
            return Parse(Utf8.GetString(bytes.AsSpan().StartsWith(mark) ? bytes.AsSpan(mark.Length) : bytes), path);
        }
        catch (DecoderFallbackException e)
        {
            var line = bytes.AsSpan(0, Math.Max(0, e.Index)).Count((byte)'\n') + 1;
            throw new WalConfigException($"{path}:{line}: it is no UTF-8", e);
        }
    }

    /// <summary>Reads a text.</summary>
    /// <param name="text">The text of a file.</param>
    /// <param name="name">The name in messages.</param>
    /// <exception cref="WalConfigException">See <see cref="Load"/>.</exception>
    public static HoconFile Parse(string text, string name)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new HoconFile(name, text);
    }

    /// <summary>
    /// The place of a key's last value, as file, line and column; null if the file does not have the key.
    /// </summary>
    public string? PlaceOf(string key)
    {
        int? position = null;
        foreach (var place in _places)
        {
            // A section without a line of its own begins at its first key.
            if (place.Key == key || (position is null && HoconPath.IsWithin(place.Key, key))) position = place.Position;
        }

        return position is null ? null : PlaceOf(position.Value);
    }

    private string PlaceOf(int position)
    {
        var before = _text.AsSpan(0, position);
        return $"{_name}:{before.Count('\n') + 1}:{position - before.LastIndexOf('\n')}";
    }

    private static byte[] ReadBytes(string path)
    {
        try
        {
            using var reader = new StreamReader(path);
            var bytes = new byte[MaxBytes + 1];
            var length = reader.BaseStream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            if (length > MaxBytes) throw new WalConfigException($"{path}: it is longer than {MaxBytes} bytes");
            return bytes[..length];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new WalConfigException($"{path}: {(IsDirectory(path) ? "it is a directory" : e.Message)}", e);
        }
    }

    private static bool IsDirectory(string path)
    {
        try
        {
            // Follows a link.
            var entry = WalFileSystem.Default.Stat(Path.Combine(Path.GetFullPath(path), "."));
            return entry is { Kind: WalEntryKind.Directory };
        }
        catch (WalException)
        {
            return false;
        }
    }
}
