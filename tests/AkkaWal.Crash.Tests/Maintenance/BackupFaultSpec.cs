using AkkaWal.Crash.Tests.Workloads;
using AkkaWal.Storage;
using AkkaWal.Storage.Files;
using AkkaWal.TestKit;
using Xunit.Abstractions;

namespace AkkaWal.Crash.Tests.Maintenance;

/// <summary>A first backup and a later one to the same destination, interrupted at every operation.</summary>
[Trait("Suite", "Maintenance")]
public sealed class BackupFaultSpec(ITestOutputHelper output)
{
    public static TheoryData<bool, WalIOCause, bool> Faults
    {
        get
        {
            var cases = new TheoryData<bool, WalIOCause, bool>();
            foreach (var isLater in new[] { false, true })
                foreach (var cause in Interruptions.ByCause.Keys)
                    foreach (var stays in new[] { false, true }) cases.Add(isLater, cause, stays);
            return cases;
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Power_cut_should_leave_the_older_backup_or_the_new_one_or_none(bool isLater)
    {
        var trial = new BackupTrial(isLater);
        trial.CutEverywhere(seedsPerOperation: 12);
        output.WriteLine(string.Join(", ", trial.Found.Select(found => $"{found.Value} times {found.Key}")));
        Assert.Equal(
            isLater ? ["after", "before", "not there"] : ["after", "before"],
            trial.Found.Keys.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(false, "/backups/log.partial")]
    [InlineData(true, "/backups/log")]
    [InlineData(true, "/backups")]
    [InlineData(true, "/backups/log.updating")]
    public void Sync_of_a_directory_that_is_left_out_should_be_found_by_a_power_cut(bool isLater, string left)
    {
        var trial = new BackupTrial(isLater);
        var e = Assert.Throws<BrokenPromiseException>(() => trial.CutEverywhere(
            seedsPerOperation: 40, disk => new ForgetfulFiles(disk, path => path == left),
            operation => operation.Kind is DiskOperationKind.Rename or DiskOperationKind.Delete));
        output.WriteLine(e.Message);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Sync_of_files_that_is_left_out_should_be_found_by_a_power_cut(bool isLater) =>
        Assert.Throws<BrokenPromiseException>(() => new BackupTrial(isLater).CutEverywhere(
            seedsPerOperation: 40,
            disk => new ForgetfulFiles(disk, path => path.Contains(".log", StringComparison.Ordinal)),
            operation => operation.Kind == DiskOperationKind.Rename));

    [Theory]
    [MemberData(nameof(Faults))]
    public void Call_that_fails_should_leave_the_destination_as_it_was_or_a_whole_backup(
        bool isLater, WalIOCause cause, bool stays)
    {
        var (failed, unknown) = new BackupTrial(isLater).FailEachCall(Interruptions.ByCause[cause], stays);
        output.WriteLine($"{failed} calls failed, {unknown} of the outcomes were unknown");
        Assert.InRange(unknown, 1, failed / 4);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Full_disk_should_leave_the_destination_as_it_was(bool isLater) =>
        Assert.True(new BackupTrial(isLater).FillUpEverywhere() > 5);

    /// <summary>A file system that reports success for the sync of some paths and does not sync them.</summary>
    private sealed class ForgetfulFiles(IWalFileSystem files, Predicate<string> forgets) : ForwardingFiles(files)
    {
        public override void SyncDirectory(string path)
        {
            if (!forgets(path)) base.SyncDirectory(path);
        }

        public override IWalFile Open(string path, FileAccessMode mode) => forgets(path)
            ? new UnsyncedFile(base.Open(path, mode))
            : base.Open(path, mode);

        private sealed class UnsyncedFile(IWalFile file) : ForwardingFile(file)
        {
            public override void Sync()
            {
            }
        }
    }
}
