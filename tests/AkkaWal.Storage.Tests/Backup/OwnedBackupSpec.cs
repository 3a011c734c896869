using System.Runtime.Versioning;
using AkkaWal.Storage.Backup;

namespace AkkaWal.Storage.Tests.Backup;

/// <summary>Backups of a log that has an owner, and gets another one while the backup is taken.</summary>
[SupportedOSPlatform("linux")]
public sealed class OwnedBackupSpec : BackupDirectories
{
    [Fact]
    public void Backup_should_follow_the_owners_operations_on_segments()
    {
        using var log = Open("a", Source);
        AppendTo(log, 100);
        var isDone = false;
        var report = LogBackup.Run(Source, Backup, Options, progress: new Listener(_ =>
        {
            if (isDone) return;
            isDone = true;
            var last = log.Segments[^2].File;
            log.CompressSegment(last);
            log.ArchiveSegment(last);
        }));
        Assert.True(isDone);
        Assert.Equal(100, report.NextOffset);
        AssertHolds(Backup, 0, 100);
    }

    /// <summary>Another owner takes the log over at each report of a backup.</summary>
    [Fact]
    public void Backup_should_follow_the_log_to_another_owner()
    {
        for (var (at, wasReached) = (1, true); wasReached; at++)
        {
            var (source, directory) = (Temporary[$"log-{at}"], Temporary[$"backup-{at}"]);
            var log = Open("a", source);
            try
            {
                AppendTo(log, 30);
                var (seen, acknowledged) = (0, log.NextOffset);
                LogBackup.Run(source, directory, Options, progress: new Listener(_ =>
                {
                    if (++seen != at) return;
                    log.Dispose();
                    log = Open("b", source);
                    AppendTo(log, 3);
                }));
                wasReached = seen >= at;
                using var copy = LogReader.Open(directory);
                Assert.True(copy.NextOffset >= acknowledged, $"at report {at}: {copy.NextOffset} of {acknowledged}");
                AssertHolds(directory, 0, copy.NextOffset);
            }
            finally
            {
                log.Dispose();
            }
        }
    }

    private SegmentedLog Open(string owner, string directory) =>
        SegmentedLog.Open(directory, Options with { Owner = owner });
}
