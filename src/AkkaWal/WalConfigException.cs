namespace AkkaWal;

/// <summary>
/// A configuration is not legal. The message is one line: the key or the place in a file, the error, and what is
/// allowed.
/// </summary>
public sealed class WalConfigException : ArgumentException
{
    /// <summary>An error that has no key.</summary>
    public WalConfigException(string message)
        : this(message, innerException: null)
    {
    }

    /// <summary>An error that has no key, with its cause.</summary>
    public WalConfigException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>An error of a key. The message begins with the key.</summary>
    /// <param name="key">The whole key, such as <c>akka-wal.flush</c>.</param>
    /// <param name="reason">The error, as the rest of a sentence that begins with the key.</param>
    public WalConfigException(string key, string reason)
        : base($"{key} {reason}") => Key = key;

    /// <summary>The key with the error; null if there is none.</summary>
    public string? Key { get; }
}
