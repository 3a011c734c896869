namespace AkkaWal.Node.Kafka;

/// <summary>How many keys' logs may be open at a time, so that descriptors suffice for them and for all else.</summary>
internal static class OpenLogLimit
{
    /// <summary>Sealed segments of a key's log that may be open while the log is: polls of long logs go through them in
    /// order.</summary>
    public const int SegmentsPerLog = 2;

    /// <summary>What an open log of a key holds at most, in descriptors: its lock, its directory, two files of its
    /// active segment, two of each sealed one that is open, and two while it rolls.</summary>
    public const int DescriptorsPerLog = 4 + 2 * SegmentsPerLog + 2;

    private const int Most = 1024;
    private const int Least = 4;

    // What the runtime has open, and the readers of logs that are closed.
    private const int Reserve = 128;

    /// <summary>The number where none is configured.</summary>
    /// <param name="descriptorLimit">How many descriptors the process may have.</param>
    /// <param name="maxOpenSegments">How many sealed segments of the node's own log may be open.</param>
    public static int Automatic(long descriptorLimit, int maxOpenSegments) =>
        (int)Math.Clamp((descriptorLimit - Reserve - DescriptorsPerLog - 2L * maxOpenSegments) / DescriptorsPerLog,
            Least, Most);
}
