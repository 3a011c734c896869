using System.Text;
using AkkaWal.Storage.Backup;
using AkkaWal.Storage.Repair;

namespace AkkaWal.Storage.Tests.Backup;

/// <summary>
/// Backups of a log during appends, rolls, compression, archiving and deletion. Each is a complete log with all records
/// that were acknowledged before it began.
/// </summary>
public sealed class LiveBackupSpec : IDisposable
{
    private const int Backups = 25;

    /// <summary>A segment size for about fifteen records.</summary>
    private const long FifteenRecords = 2000;

    private readonly TemporaryDirectory _temporary = new();
    private readonly ManualResetEventSlim _hasBegun = new();
    private long _acknowledged, _deleted;
    private volatile bool _isOver;

    private string Source => _temporary["log"];

    private WalOptions Options => new()
    {
        MaxSegmentBytes = FifteenRecords, MaxCommitBytes = WalOptions.SmallestCommitBytes,
        Archive = new DirectoryArchive(WalFileSystem.Default, _temporary["archive"]),
    };

    public void Dispose()
    {
        _hasBegun.Dispose();
        _temporary.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Backup_beside_a_writer_should_be_a_whole_log_with_all_that_was_acknowledged(bool isIncremental)
    {
        var writer = new Thread(Write);
        writer.Start();
        _hasBegun.Wait();
        var (copied, reused) = (0, 0);
        try
        {
            for (var i = 0; i < Backups; i++)
            {
                var destination = _temporary[isIncremental ? "backup" : $"backup-{i}"];
                var acknowledged = Volatile.Read(ref _acknowledged);
                var report = LogBackup.Run(Source, destination, Options);
                copied += report.SegmentsCopied;
                reused += report.SegmentsReused;
                Check(destination, report, acknowledged, Volatile.Read(ref _deleted));
            }
        }
        finally
        {
            _isOver = true;
            writer.Join();
        }
        Assert.True(copied >= Backups);
        Assert.Equal(isIncremental, reused > 0);
        Assert.DoesNotContain(
            Directory.EnumerateDirectories(_temporary.Path),
            path => Path.GetExtension(path) is ".partial" or ".updating");
    }

    private void Write()
    {
        using var log = SegmentedLog.Open(Source, Options);
        for (var i = 0; !_isOver; i++)
        {
            for (var n = 0; n <= i % 7; n++) log.Append(Payload(log.NextOffset));
            log.Commit();
            Volatile.Write(ref _acknowledged, log.NextOffset);
            if (log.Segments.Count > 12)
            {
                // Deletions are announced first: a backup need not have those records.
                Volatile.Write(ref _deleted, log.Segments[2].StartOffset);
                log.TruncateBefore(log.Segments[2].StartOffset);
            }
            else if (i % 5 == 0 && log.Segments.FirstOrDefault(IsPlain) is { } plain) log.CompressSegment(plain.File);
            else if (i % 11 == 0 && log.Segments.FirstOrDefault(IsBeside) is { } other) log.ArchiveSegment(other.File);
            if (log.Segments.Count > 3) _hasBegun.Set();
        }
        _hasBegun.Set();
    }

    private static bool IsPlain(SegmentInfo segment) => segment.State == SegmentState.Sealed;

    private static bool IsBeside(SegmentInfo segment) =>
        segment.IsSealed && !segment.IsArchived;

    private void Check(string destination, BackupReport report, long acknowledged, long deleted)
    {
        // Verified without the archive, since the copy has all segments itself.
        var verified = LogVerifier.Verify(destination);
        Assert.Empty(verified.Faults);
        Assert.Empty(verified.Leftovers);
        Assert.True(report.NextOffset >= acknowledged, $"{report.NextOffset} of {acknowledged} records are there");
        var opened = destination;
        if (destination == _temporary["backup"])
        {
            // A copy is opened, since a backup that is opened for writing is no backup any more.
            opened = _temporary["opened"];
            LogBackup.Restore(destination, opened);
        }
        List<string> notes = [];
        using (var log = SegmentedLog.Open(opened, note: notes.Add))
        {
            Assert.Equal(report.NextOffset, log.NextOffset);
            Assert.Equal(report.StartOffset, log.Segments[0].StartOffset);
            Assert.True(log.Segments[0].StartOffset <= Math.Max(deleted, 0), "more is missing than was deleted");
            for (var offset = log.Segments[0].StartOffset; offset < log.NextOffset; offset++)
                Assert.Equal(Payload(offset), log.Read(offset));
            log.Append(Payload(log.NextOffset));
            log.Commit();
        }
        Assert.Empty(notes);
        if (opened != destination) Directory.Delete(opened, true);
    }

    private static byte[] Payload(long offset) =>
        Encoding.UTF8.GetBytes($"record {offset} {new string((char)('a' + offset % 26), (int)(offset * 7 % 230))}");
}
