namespace AkkaWal.Storage.Maintenance;

/// <summary>What a verification found.</summary>
/// <param name="SegmentCount">Segments looked at.</param>
/// <param name="RecordCount">Records whose bytes match their checksums.</param>
/// <param name="Faults">What is not as it must be, in the order of the segments; at most <see cref="LogVerifier.MaxFaults"/>.</param>
/// <param name="UnfinishedBytes">What lies behind the last whole commit of the active segment: the next opening cuts it. No fault.</param>
public sealed record VerifyReport(int SegmentCount, long RecordCount, IReadOnlyList<LogFault> Faults, long UnfinishedBytes);

/// <summary>How far a verification is.</summary>
/// <param name="SegmentsDone">Segments that are done.</param>
/// <param name="SegmentCount">Segments that there are.</param>
/// <param name="BytesDone">Bytes of log files that were read.</param>
public readonly record struct VerifyProgress(int SegmentsDone, int SegmentCount, long BytesDone);
