using System.Text;

namespace AkkaWal.Node.Kafka;

/// <summary>
/// Where a key's log lies. Keys are any strings, and folder names are not: what is neither a letter, a digit, <c>_</c> nor
/// <c>-</c> becomes <c>%</c> and two hexadecimal digits for each byte of its UTF-8. A long key becomes several folders, one
/// in the other.
/// </summary>
/// <remarks>
/// <code>
/// k-orders                 the key "orders"
/// k-a%2Fb                  the key "a/b"
/// p-aaa...a/k-bbb          a key of more than 200 characters
/// </code>
/// The folder of a log starts with <c>k-</c> and one in between with <c>p-</c>, so that no key's folder lies in another's.
/// </remarks>
internal static class KafkaFolder
{
    /// <summary>The longest key, in bytes of UTF-8: as long as a path may be, with room for the data directory.</summary>
    public const int MaxKeyBytes = 1024;

    private const int MaxPieceLength = 200;

    /// <summary>The folder of a key's log, relative to that of all keys.</summary>
    public static string Of(string key)
    {
        string name = Encode(key);
        var path = new StringBuilder();
        int start = 0;
        for (; name.Length - start > MaxPieceLength; start += MaxPieceLength) path.Append("p-").Append(name, start, MaxPieceLength).Append('/');
        return path.Append("k-").Append(name, start, name.Length - start).ToString();
    }

    private static string Encode(string key)
    {
        var name = new StringBuilder();
        foreach (byte single in Encoding.UTF8.GetBytes(key))
        {
            if (char.IsAsciiLetterOrDigit((char)single) || single is (byte)'_' or (byte)'-') name.Append((char)single);
            else name.Append('%').Append(single.ToString("X2"));
        }

        return name.ToString();
    }
}
