using System.Text;
using AkkaWal.Crash.Tests.Workloads;
using AkkaWal.Storage;
using AkkaWal.Storage.Files;
using AkkaWal.TestKit;

namespace AkkaWal.Crash.Tests.Ownership;

/// <summary>A log on a disk that several owners share, and what was acknowledged to each of them.</summary>
internal sealed class OwnedLog
{
    internal const string Place = "/data/log";

    /// <summary>A segment size for two records of somewhat more than 200 bytes.</summary>
    private const long TwoLongRecords = 600;

    /// <summary>The tail reserves space for each of them anew.</summary>
    private const int LessThanARecord = 64;

    private static readonly WalOptions Options = new()
    {
        MaxSegmentBytes = TwoLongRecords,
        MaxCommitBytes = WalOptions.SmallestCommitBytes,
        Clock = FrozenClock.Instance,
        ReservationBytes = LessThanARecord,
    };

    private OwnedLog(IWalFileSystem disk, string owner, FlushPolicy flush)
    {
        Owner = owner;
        Log = SegmentedLog.Open(Place, OptionsOf(disk) with { Owner = owner, Flush = flush }, disk, Notes.Add);
    }

    internal string Owner { get; }

    internal SegmentedLog Log { get; }

    internal List<string> Notes { get; } = [];

    /// <summary>The payloads that were acknowledged to this owner, by offset.</summary>
    internal Dictionary<long, string> Acknowledged { get; } = [];

    /// <summary>Opens the log for an owner, perhaps through another file system on the disk.</summary>
    internal static OwnedLog Open(
        SimulatedDisk disk, string owner, IWalFileSystem? files = null, FlushPolicy flush = FlushPolicy.Always) =>
        new(files ?? disk, owner, flush);

    internal static WalOptions OptionsOf(IWalFileSystem disk) =>
        Options with { Archive = new DirectoryArchive(disk, "/data/archive") };

    internal void Append(string text)
    {
        var offset = Log.Append(Encoding.UTF8.GetBytes(text));
        Log.Commit();
        Acknowledged.Add(offset, text);
    }

    /// <summary>
    /// Requires that a log holds what was acknowledged to its owners; a deleted segment's records aside.
    /// </summary>
    internal static void Check(SegmentedLog log, string when, params IReadOnlyDictionary<long, string>[] acknowledged)
    {
        foreach (var (offset, text) in acknowledged.SelectMany(records => records))
        {
            if (offset < log.StartOffset) continue;
            Assert.True(log.TryRead(offset, out var payload), $"{when}: offset {offset} ({text}) is gone");
            Assert.True(
                text == Encoding.UTF8.GetString(payload),
                $"{when}: offset {offset} is {Encoding.UTF8.GetString(payload)} and not {text}");
        }
    }
}
