using AkkaWal.Protocol;

namespace AkkaWal.Node.Translation;

/// <summary>What one request may ask for.</summary>
/// <param name="MaxPayloadBytes">A record's largest payload; a larger one is refused as malformed.</param>
/// <param name="MaxReadRecords">The most records that one reply carries, however many were asked for.</param>
/// <param name="MaxReadBytes">The most payload bytes that one reply carries, its first record aside.</param>
/// <param name="ReadShareBytes">The largest record that a read returns at once; a larger one waits until there is room for it.</param>
internal sealed record TranslationLimits(
    int MaxPayloadBytes = 16 << 20,
    int MaxReadRecords = ReadBatch.MostRecords,
    int MaxReadBytes = ReadBatch.MostBytes,
    int ReadShareBytes = 512 << 10)
{
    /// <summary>The most keys that a request may name.</summary>
    public const int MaxKeys = 1 << 16;
}
