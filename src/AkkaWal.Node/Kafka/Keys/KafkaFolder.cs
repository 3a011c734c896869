using System.Text;

namespace AkkaWal.Node.Kafka.Keys;

/// <summary>
/// The folder of a key's log. A key can be any string, a folder's name can't. So every byte of the key's UTF-8 that is
/// no letter, no digit, no <c>_</c> and no <c>-</c> becomes <c>%</c> and two hexadecimal digits. A long key becomes
/// several folders, one inside the other. Where names that differ in case alone are the same one, as on Windows and on
/// most disks of macOS, capital letters are written like that as well.
/// </summary>
/// <remarks>
/// <code>
/// k-orders                 the key "orders"
/// k-a%2Fb                  the key "a/b"
/// p-aaa...a/k-bbb          a key of more than 200 characters
/// </code>
/// The folder of a log starts with <c>k-</c>, an outer one with <c>p-</c>. So no key's folder lies inside another's.
/// </remarks>
internal static class KafkaFolder
{
    /// <summary>
    /// The longest key, in bytes of UTF-8: as long as a path may be, less some room for the data directory.
    /// </summary>
    public const int MaxKeyBytes = 1024;

    private const int MaxPieceLength = 200;

    private static readonly bool WritesCapitals = OperatingSystem.IsLinux();

    /// <summary>The folder of a key's log, relative to that of all keys.</summary>
    public static string Of(string key) => Of(key, WritesCapitals);

    internal static string Of(string key, bool writesCapitals)
    {
        var name = Encode(key, writesCapitals);
        var path = new StringBuilder();
        var start = 0;
        for (; name.Length - start > MaxPieceLength; start += MaxPieceLength)
            path.Append("p-").Append(name, start, MaxPieceLength).Append('/');
        return path.Append("k-").Append(name, start, name.Length - start).ToString();
    }

    private static string Encode(string key, bool writesCapitals)
    {
        var name = new StringBuilder();
        foreach (var single in Encoding.UTF8.GetBytes(key))
        {
            var character = (char)single;
            if (char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character) || character is '_' or '-'
                || (writesCapitals && char.IsAsciiLetterUpper(character)))
            {
                name.Append(character);
            }
            else name.Append('%').Append(single.ToString("X2"));
        }

        return name.ToString();
    }
}
