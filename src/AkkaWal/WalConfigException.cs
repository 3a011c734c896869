namespace AkkaWal;

/// <summary>
/// A configuration is not as it must be. The message is one line: the key or the place in a file, what is wrong there,
/// and what is allowed.
/// </summary>
public sealed class WalConfigException : ArgumentException
{
    /// <summary>What is wrong where no key is to be named.</summary>
    public WalConfigException(string message)
        : this(message, innerException: null)
    {
    }

    /// <summary>What is wrong, and what it was noticed by.</summary>
    public WalConfigException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>What is wrong with a key. The message begins with it.</summary>
    /// <param name="key">The whole key, such as <c>akka-wal.flush</c>.</param>
    /// <param name="reason">What is wrong with it, as the rest of a sentence.</param>
    public WalConfigException(string key, string reason)
        : base($"{key} {reason}") => Key = key;

    /// <summary>The key that it is about; null where it is about none.</summary>
    public string? Key { get; }
}
