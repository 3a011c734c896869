namespace AkkaWal.Storage.Repair;

/// <summary>What a verification found.</summary>
/// <param name="SegmentCount">How many segments were verified.</param>
/// <param name="RecordCount">Records whose bytes match their checksums.</param>
/// <param name="Faults">
/// The faults: first those that an opening finds, then those inside segments; at most
/// <see cref="LogVerifier.MaxFaults"/>.
/// </param>
/// <param name="UnfinishedBytes">
/// The bytes behind the last whole batch of the active segment. No fault: the next opening cuts them.
/// </param>
public sealed record VerifyReport(
    int SegmentCount, long RecordCount, IReadOnlyList<LogFault> Faults, long UnfinishedBytes)
{
    /// <summary>The fault for which an opening would refuse the log; null where it would open.</summary>
    public LogFault? Refusal { get; init; }

    /// <summary>Files that the log does not use. No faults: the next opening removes them or sets them aside.</summary>
    public IReadOnlyList<LogFault> Leftovers { get; init; } = [];
}

/// <summary>How far a verification is.</summary>
/// <param name="SegmentsDone">How many segments are done.</param>
/// <param name="SegmentCount">How many segments there are.</param>
/// <param name="BytesDone">How many bytes of log files were read.</param>
public readonly record struct VerifyProgress(int SegmentsDone, int SegmentCount, long BytesDone);
