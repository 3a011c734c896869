using System.Runtime.Versioning;
using System.Text;
using AkkaWal.Storage.Backup;
using AkkaWal.Storage.Repair;

namespace AkkaWal.Storage.Tests.Backup;

/// <summary>The directories of a test: a log, its archive and its backup.</summary>
[SupportedOSPlatform("linux")]
public abstract class BackupDirectories : IDisposable
{
    /// <summary>A segment size for about sixteen records.</summary>
    private const long SixteenRecords = 1000;

    private protected TemporaryDirectory Temporary { get; } = new();

    private protected string Source => Temporary["log"];

    private protected string Backup => Temporary["backup"];

    private protected WalOptions Options => new()
    {
        MaxSegmentBytes = SixteenRecords, Archive = new DirectoryArchive(WalFileSystem.Default, Temporary["archive"]),
    };

    public void Dispose()
    {
        Temporary.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected void AssertRefused<T>(string reason) where T : WalException
    {
        var before = DirectorySnapshot.Of(Backup);
        var refusal = Assert.Throws<T>(() => LogBackup.Run(Source, Backup));
        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
        Assert.Equal(before, DirectorySnapshot.Of(Backup));
    }

    private protected void AssertNothingLeft() => Assert.DoesNotContain(
        Directory.EnumerateFileSystemEntries(Temporary.Path),
        path => Path.GetFileName(path).StartsWith("backup", StringComparison.Ordinal));

    private protected static void AssertHolds(string directory, long first, long next)
    {
        var report = LogVerifier.Verify(directory);
        Assert.Empty(report.Faults);
        Assert.Empty(report.Leftovers);
        using var reader = LogReader.Open(directory);
        Assert.Equal((first, next, next), (reader.StartOffset, reader.NextOffset, reader.DurableNextOffset));
        for (var offset = first; offset < next; offset++) Assert.Equal(Payload(offset), reader.Read(offset));
    }

    private protected void Append(string directory, int count)
    {
        using var log = SegmentedLog.Open(directory, Options);
        AppendTo(log, count);
    }

    private protected static void AppendTo(SegmentedLog log, int count)
    {
        for (var i = 0; i < count; i++) log.Append(Payload(log.NextOffset));
        log.Commit();
    }

    private protected static void Damage(string path, int position)
    {
        var bytes = File.ReadAllBytes(path);
        bytes[position] ^= 1;
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.WriteAllBytes(path, bytes);
    }

    private protected static IEnumerable<long> Range(long first, long next) =>
        Enumerable.Range((int)first, (int)(next - first)).Select(i => (long)i);

    private protected static byte[] Payload(long offset) =>
        Encoding.UTF8.GetBytes($"record {offset} {new string('a', (int)(offset * 7 % 90))}");

    private protected sealed class Listener(Action<BackupProgress> seen) : IProgress<BackupProgress>
    {
        public void Report(BackupProgress value) => seen(value);
    }
}
