using System.CommandLine;
using AkkaWal.Storage;

namespace AkkaWal.Node.CommandLine.Segments;

/// <summary>Compresses sealed segments of a log that is not open. Their records are read as before.</summary>
internal sealed class CompressVerb : SegmentsVerb
{
    private readonly Option<string> _codec = new("--codec")
    {
        HelpName = "zstd|lz4|brotli", Description = "How (default: zstd; lz4 is faster to read and larger)",
    };

    private readonly Option<string> _archive = ArchiveOption();

    public CompressVerb(OperatorConsole console) : base(
        console, "compress", "Compress sealed segments.", "compress /var/lib/shop/wal --all")
    {
        _codec.AcceptOnlyFromAmong([.. Enum.GetNames<CompressionCodec>().Select(name => name.ToLowerInvariant())]);
        Options.Add(_codec);
        Options.Add(_archive);
    }

    protected override string Done => "compressed";

    protected override WalOptions OptionsOf(VerbRun run)
    {
        var usual = run.OptionsWith(_archive);
        return run.Get(_codec) is { } name
            ? usual with { Codec = Enum.Parse<CompressionCodec>(name, ignoreCase: true) }
            : usual;
    }

    protected override bool Concerns(SegmentInfo segment) =>
        !segment.IsCompressed && !segment.IsArchived && !segment.IsIncompressible;

    protected override SegmentOutcome Change(
        SegmentedLog log, SegmentInfo segment, CancellationToken cancellation)
    {
        var stored = log.CompressSegment(segment.File, cancellation).StoredBytes ?? segment.SizeBytes;
        return new SegmentOutcome(segment, $"{(double)stored / segment.SizeBytes:P0} of its size", stored);
    }
}
