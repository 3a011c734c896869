using AkkaWal.Protocol;

namespace AkkaWal.Node.Translation;

/// <summary>The limits of a single request.</summary>
/// <param name="MaxPayloadBytes">The largest payload of a record. A larger one is refused as malformed.</param>
/// <param name="MaxReadRecords">The most records in one reply, however many were asked for.</param>
/// <param name="MaxReadBytes">The most payload bytes in one reply; its first record may be larger.</param>
/// <param name="ReadShareBytes">
/// The largest record that a read returns at once. A larger one waits until there is room for it.
/// </param>
internal sealed record TranslationLimits(
    int MaxPayloadBytes = 16 << 20,
    int MaxReadRecords = ReadBatch.MostRecords,
    int MaxReadBytes = ReadBatch.MostBytes,
    int ReadShareBytes = 64 << 10)
{
    /// <summary>The most keys that a request may name.</summary>
    public const int MaxKeys = 1 << 16;
}
