namespace AkkaWal.Storage.Repair;

/// <summary>What a verification found.</summary>
/// <param name="SegmentCount">Segments looked at.</param>
/// <param name="RecordCount">Records whose bytes match their checksums.</param>
/// <param name="Faults">
/// What is not as it must be: first what an opening finds, then what is wrong inside segments; at most
/// <see cref="LogVerifier.MaxFaults"/>.
/// </param>
/// <param name="UnfinishedBytes">What lies behind the last whole commit of the active segment: the next opening cuts it. No fault.</param>
public sealed record VerifyReport(
    int SegmentCount, long RecordCount, IReadOnlyList<LogFault> Faults, long UnfinishedBytes)
{
    /// <summary>The fault that an opening would refuse the log for; null where it would open.</summary>
    public LogFault? Refusal { get; init; }

    /// <summary>Files that the log does not use: the next opening removes them or sets them aside. No faults.</summary>
    public IReadOnlyList<LogFault> Leftovers { get; init; } = [];
}

/// <summary>How far a verification is.</summary>
/// <param name="SegmentsDone">Segments that are done.</param>
/// <param name="SegmentCount">Segments that there are.</param>
/// <param name="BytesDone">Bytes of log files that were read.</param>
public readonly record struct VerifyProgress(int SegmentsDone, int SegmentCount, long BytesDone);
