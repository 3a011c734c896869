using System.CommandLine;
using System.Text.Json.Nodes;
using AkkaWal.Storage;
using AkkaWal.Storage.Backup;

namespace AkkaWal.Node.CommandLine.Segments;

/// <summary>A verb that copies a whole log from the directory in the first argument.</summary>
internal abstract class CopyVerb : Verb
{
    private readonly Argument<string> _target;
    private readonly Option<string> _archive = ArchiveOption();

    protected CopyVerb(
        OperatorConsole console, string name, string description, string example, Argument<string> source,
        Argument<string> target)
        : base(console, name, description, example, source)
    {
        Arguments.Add(_target = target);
        Options.Add(_archive);
    }

    /// <summary>Makes the copy.</summary>
    protected abstract BackupReport Copy(
        VerbRun run, string target, WalOptions options, IProgress<BackupProgress> progress);

    /// <summary>The text for the result.</summary>
    protected abstract string Summarize(BackupReport report);

    protected sealed override int Run(VerbRun run)
    {
        var target = VerbRun.Absolute(run.Arguments.GetRequiredValue(_target));
        run.WhatWasDone = () => $"{target} is as it was";
        var options = run.OptionsWith(_archive);
        var report = run.Under(Name, told => Copy(run, target, options, new ProgressBar.Callback<BackupProgress>(
            state => told(state.BytesDone, state.BytesTotal))));
        run.Document(new JsonObject
        {
            ["from"] = run.Directory,
            ["to"] = target,
            ["segmentsCopied"] = report.SegmentsCopied,
            ["segmentsReused"] = report.SegmentsReused,
            ["bytesCopied"] = report.BytesCopied,
            ["startOffset"] = report.StartOffset,
            ["nextOffset"] = report.NextOffset,
            ["durableNextOffset"] = report.DurableNextOffset,
        });
        run.Text($"{Summarize(report)}\n");
        run.Text(report.NextOffset > report.StartOffset
            ? $"{OperatorConsole.OneLine(target)} holds offsets {report.StartOffset} to {report.NextOffset - 1}\n"
            : $"{OperatorConsole.OneLine(target)} holds no record, and goes on at offset {report.NextOffset}\n");
        return ExitStatus.Fine;
    }
}

/// <summary>Copies a log, also while it is written. An older copy is updated.</summary>
internal sealed class BackupVerb : CopyVerb
{
    public BackupVerb(OperatorConsole console) : base(
        console, "backup", "Copy a log, in use or not; what DEST holds of an older backup is not copied again.",
        "backup /var/lib/shop/wal /mnt/backup/shop-wal", LogArgument(),
        new Argument<string>("DEST")
        {
            Description = "Where the copy is: not there yet, empty, or an older backup of this log",
        })
    {
    }

    protected override BackupReport Copy(
        VerbRun run, string target, WalOptions options, IProgress<BackupProgress> progress)
    {
        run.RequireLog();
        return LogBackup.Run(
            run.Directory, target, options, progress: progress,
            cancellation: run.Console.Stopping);
    }

    protected override string Summarize(BackupReport report) =>
        $"{Report.Count(report.SegmentsCopied, "segment")} copied, {report.SegmentsReused} were there already; "
        + $"{Report.Size(report.BytesCopied)} written";
}

/// <summary>Copies a backup to the directory of a new log.</summary>
internal sealed class RestoreVerb : CopyVerb
{
    public RestoreVerb(OperatorConsole console) : base(
        console, "restore", "Copy a backup to where a log is to be opened, and verify each record.",
        "restore /mnt/backup/shop-wal /var/lib/shop/wal",
        new Argument<string>("BACKUP") { Description = "The backup's directory" },
        new Argument<string>("DIR") { Description = "The log's directory: not there yet, or empty" })
    {
    }

    protected override BackupReport Copy(
        VerbRun run, string target, WalOptions options, IProgress<BackupProgress> progress)
    {
        // A backup whose update was cut short is there under another name: the library finishes that.
        if (!BackupPlace.IsBeingUpdated(WalFileSystem.Default, run.Directory)) run.RequireLog();
        return LogBackup.Restore(
            run.Directory, target, options, progress: progress, cancellation: run.Console.Stopping);
    }

    protected override string Summarize(BackupReport report) =>
        $"{Report.Count(report.SegmentsCopied, "segment")} restored and verified; "
        + $"{Report.Size(report.BytesCopied)} written";
}
