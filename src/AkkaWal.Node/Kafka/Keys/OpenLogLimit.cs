namespace AkkaWal.Node.Kafka.Keys;

/// <summary>How many keys' logs may be open at a time, so that there are enough descriptors.</summary>
internal static class OpenLogLimit
{
    /// <summary>
    /// How many sealed segments of a key's log may be open while the log is. Polls of long logs read them in order.
    /// </summary>
    public const int SegmentsPerLog = 2;

    /// <summary>
    /// The most descriptors of a key's open log: its lock, its directory, two files of its active segment, two of each
    /// open sealed segment, and two while it rolls.
    /// </summary>
    public const int DescriptorsPerLog = 4 + 2 * SegmentsPerLog + 2;

    private const int Most = 1024;
    private const int Least = 4;

    // For the files of the runtime, and for the readers of closed logs.
    private const int Reserve = 128;

    /// <summary>The limit if none is configured.</summary>
    /// <param name="descriptorLimit">How many descriptors the process may have.</param>
    /// <param name="maxOpenSegments">How many sealed segments of the node's own log may be open.</param>
    public static int Automatic(long descriptorLimit, int maxOpenSegments) =>
        (int)Math.Clamp((descriptorLimit - Reserve - DescriptorsPerLog - 2L * maxOpenSegments) / DescriptorsPerLog,
            Least, Most);
}
