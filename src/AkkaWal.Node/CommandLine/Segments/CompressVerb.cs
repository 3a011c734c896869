using System.CommandLine;
using AkkaWal.Storage;

namespace AkkaWal.Node.CommandLine.Segments;

/// <summary>Compresses sealed segments of a log that nobody has open; their records are read as before.</summary>
internal sealed class CompressVerb : SegmentsVerb
{
    private readonly Option<CompressionCodec?> _codec = new("--codec")
    {
        HelpName = "zstd|lz4|brotli", Description = "How (default: zstd; lz4 is faster to read and larger)",
    };

    private readonly Option<string> _archive = ArchiveOption();

    public CompressVerb(OperatorConsole console) : base(
        console, "compress", "Compress sealed segments.", "compress /var/lib/shop/wal --all")
    {
        Options.Add(_codec);
        Options.Add(_archive);
    }

    protected override string Done => "compressed";

    protected override WalOptions OptionsOf(VerbRun run)
    {
        var usual = new WalOptions { Archive = VerbRun.ArchiveAt(run.Get(_archive)) };
        return usual with { Codec = run.Get(_codec) ?? usual.Codec };
    }

    protected override bool Concerns(SegmentInfo segment) =>
        !segment.IsCompressed && !segment.IsArchived && !segment.State.HasFlag(SegmentState.Incompressible);

    protected override SegmentOutcome Change(SegmentedLog log, SegmentInfo segment)
    {
        long stored = log.CompressSegment(segment.File).StoredBytes ?? segment.SizeBytes;
        return new SegmentOutcome(segment, $"{(double)stored / segment.SizeBytes:P0} of its size", stored);
    }
}
