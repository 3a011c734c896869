using AkkaWal.Storage.Format;
using AkkaWal.Storage.Frames;
using AkkaWal.Storage.Index;
using AkkaWal.Storage.Segments;
using AkkaWal.TestKit;

namespace AkkaWal.Storage.Tests.Index;

/// <summary>A sealed segment with a long index on a simulated disk, and ways to damage it.</summary>
public abstract class LongSegmentSpec
{
    protected const string Index = "/log/00000000.index", Log = "/log/00000000.log";

    // More records than an opening reads, and not a multiple of a chunk.
    protected const int Records = 9 * PositionTable.ChunkEntries + 77;

    private readonly SegmentFiles _segmentFiles;
    private readonly SealedSegment _segment;

    protected LongSegmentSpec()
    {
        using (var log = SegmentedLog.Open("/log", new WalOptions { Flush = FlushPolicy.OsCache }, Disk))
        {
            for (var i = 0; i < Records; i++) log.Append(Payload(i));
            log.SealActive();
        }
        var manifest = Manifest.Decode(Disk.ReadAll("/log/MANIFEST"), "MANIFEST");
        _segmentFiles = new SegmentFiles(Disk, "/log", manifest.LogId, new WalOptions());
        _segment = manifest.SealedSegments[0];
    }

    internal SimulatedDisk Disk { get; } = new();

    // Room for no chunk, for one, for some, for all.
    public static TheoryData<int> Budgets => [0, 5000, 12_000, 1 << 20];

    protected static byte[] Payload(long i) => [.. BitConverter.GetBytes((int)i), .. new byte[i * 7 % 61]];

    internal SegmentReader Open(IndexBudget? budget = null) => SegmentReader.Open(_segmentFiles, _segment, budget);

    internal SegmentWalk Scan(long offset) => SegmentReader.Scan(_segmentFiles, _segment, offset);

    /// <summary>Damages the index in one of the ways of <see cref="LyingIndexSpec.Lies"/>.</summary>
    protected void Lie(string kind)
    {
        void Flip(int entry, int byteNumber, byte bits) =>
            Disk.Flip(Index, IndexSlot.EntriesAt + 4L * entry + byteNumber, bits);
        switch (kind)
        {
            case "near":
                Flip(2000, 0, 1);
                break;
            case "far":
                Flip(2000, 1, 0xF0);
                break;
            case "beyond":
                Flip(2000, 3, 0x80);
                break;
            case "first":
                Flip(0, 0, 4);
                break;
            case "last":
                Flip(Records - 1, 0, 2);
                break;
            case "chunk":
                for (var entry = 2048; entry < 3072; entry++) Flip(entry, 2, 1);
                break;
            default:
                Disk.Overwrite(Index, Disk.ReadAll(Index).AsSpan(0, IndexSlot.EntriesAt + 4 * 5000 + 1));
                break;
        }
    }

    /// <summary>Counts the reads of the index's entries and of the log.</summary>
    internal sealed class Reads
    {
        internal int Entries { get; private set; }

        internal int Log { get; private set; }

        internal Reads(SimulatedDisk disk) => disk.ReadFaults = (path, position) =>
        {
            if (path.EndsWith(".log", StringComparison.Ordinal)) Log++;
            else if (position >= IndexSlot.EntriesAt) Entries++;
            return false;
        };

        internal (int Entries, int Log) Since(Action action)
        {
            var (entries, log) = (Entries, Log);
            action();
            return (Entries - entries, Log - log);
        }
    }
}
