using System.CommandLine;
using AkkaWal.Storage;

namespace AkkaWal.Node.CommandLine.Segments;

/// <summary>Moves sealed segments of a log that is not open to another directory.</summary>
internal sealed class ArchiveVerb : SegmentsVerb
{
    private readonly Option<string> _to = new("--to")
    {
        HelpName = "ARCHIVE", Required = true,
        Description = "The archive's directory, on another disk perhaps; made where it is missing",
    };

    public ArchiveVerb(OperatorConsole console) : base(
        console, "archive", "Move sealed segments to an archive; whoever opens the log needs the archive from then on.",
        "archive /var/lib/shop/wal --to /mnt/cold/wal --all") =>
        Options.Add(_to);

    protected override string Done => "archived";

    protected override WalOptions OptionsOf(VerbRun run)
    {
        var archive = VerbRun.Absolute(run.Get(_to)!);
        if (run.Holds(archive))
            throw VerbException.Refused(
                $"{archive} is the log's directory or lies in it",
                "name a directory elsewhere, on another disk perhaps");
        return run.OptionsWith(_to);
    }

    protected override bool Concerns(SegmentInfo segment) => !segment.IsArchived;

    protected override SegmentOutcome Change(
        SegmentedLog log, SegmentInfo segment, CancellationToken cancellation)
    {
        var place = log.ArchiveSegment(segment.File, cancellation);
        var archived = log.Segments.First(one => one.File == segment.File);
        return new SegmentOutcome(segment, place, archived.StoredBytes ?? segment.SizeBytes);
    }
}
