using Akka.Actor;
using AkkaWal.Protocol;
using AkkaWal.Segment;
using AkkaWal.Storage;
using AkkaWal.Storage.Files;
using AkkaWal.Storage.Format;
using AkkaWal.TestKit;

namespace AkkaWal.Tests.Replies;

/// <summary>
/// The reason why a log could not be opened may pass. The log tries again at a request, but not at each one.
/// </summary>
public sealed class RefusalSpec : LogSpec
{
    private readonly ManualClock _clock = new();

    /// <summary>Counts the attempts to lock a directory.</summary>
    private sealed class CountingFiles(IWalFileSystem files) : ForwardingFiles(files)
    {
        private int _lockCount;

        public int LockCount => Volatile.Read(ref _lockCount);

        public override IWalLock Lock(string path)
        {
            Interlocked.Increment(ref _lockCount);
            return base.Lock(path);
        }
    }

    private IActorRef StartWithClock(IWalFileSystem? files = null) =>
        StartLog(new WalOptions { Clock = _clock }, files: files);

    private void WaitForNextTry() => _clock.Advance(RetryWatch.LeastInterval);

    [Fact]
    public void Log_should_be_opened_when_another_process_lets_go_of_it()
    {
        var files = new CountingFiles(Disk);
        var holder = StartLog();
        AppendTexts(holder, 2);
        var log = StartWithClock(files);
        for (var i = 0; i < 50; i++)
            Assert.Contains(
                "is locked by", Ask<RequestFailed>(log, AppendOf("refused")).Reason, StringComparison.Ordinal);
        Assert.Equal(1, files.LockCount);
        WaitForNextTry();
        for (var i = 0; i < 50; i++) Assert.Equal(FailureKind.NotOwned, Ask<RequestFailed>(log, new Read(0)).Kind);
        Assert.Equal(2, files.LockCount);
        StopLog(holder);
        Assert.Equal(FailureKind.NotOwned, Ask<RequestFailed>(log, new GetLogInfo()).Kind);
        WaitForNextTry();
        AppendTexts(log, 2, 2);
        for (var i = 0; i < 4; i++) Assert.Equal($"record {i}", ReadText(log, i));
        Assert.Equal(3, files.LockCount);
    }

    [Fact]
    public void Refusal_should_be_told_once_however_often_it_is_looked_at()
    {
        AppendTexts(StartLog(), 1);
        EventFilter.Error(contains: "is not available").Expect(1, () =>
        {
            var log = StartWithClock();
            for (var i = 0; i < 20; i++)
            {
                Assert.Equal(FailureKind.NotOwned, Ask<RequestFailed>(log, new Read(0)).Kind);
                WaitForNextTry();
            }
        });
    }

    [Fact]
    public void Damaged_log_should_be_opened_when_its_files_are_mended()
    {
        AppendTexts(StartLog(), 3);
        Disk = Disk.Kill();
        var manifest = Disk.ReadAll(Directory + "/MANIFEST");
        Disk.Lose(Directory + "/MANIFEST");
        var log = StartWithClock();
        Assert.Equal("record 1", ReadText(log, 1));
        Assert.Equal(FailureKind.Unavailable, Ask<RequestFailed>(log, AppendOf("x")).Kind);
        WaitForNextTry();
        Assert.Equal("record 1", ReadText(log, 1));
        Disk.Overwrite(Directory + "/MANIFEST", manifest);
        Assert.Equal(FailureKind.Unavailable, Ask<RequestFailed>(log, AppendOf("x")).Kind);
        WaitForNextTry();
        AppendTexts(log, 2, 3);
        for (var i = 0; i < 5; i++) Assert.Equal($"record {i}", ReadText(log, i));
        // The reader of the damaged log was stopped.
        AwaitAssert(() => Assert.InRange(Disk.OpenHandleCount, 1, 3), Patience);
    }

    [Fact]
    public void Damaged_segment_should_take_appends_when_it_is_mended()
    {
        AppendTexts(StartLog(), 3);
        Disk = Disk.Kill();
        var damaged = PositionOf(1) + Frame.HeaderBytes + 1;
        Disk.Flip(Directory + "/00000000.log", damaged, 1);
        var log = StartWithClock();
        Assert.Equal("record 0", ReadText(log, 0));
        Assert.Contains(
            "00000000.log is damaged", Ask<RequestFailed>(log, AppendOf("x")).Reason, StringComparison.Ordinal);
        Disk.Flip(Directory + "/00000000.log", damaged, 1);
        Assert.Equal(FailureKind.Unavailable, Ask<RequestFailed>(log, AppendOf("x")).Kind);
        WaitForNextTry();
        AwaitAssert(() => Ask<Appended>(log, AppendOf("record 3")), Patience);
        for (var i = 0; i < 4; i++) Assert.Equal($"record {i}", ReadText(log, i));
    }

    [Fact]
    public void Failure_of_another_kind_should_be_looked_at_again_as_well()
    {
        Disk.Faults = operation => operation.Kind == DiskOperationKind.CreateDirectory ? DiskFault.Error : null;
        var log = StartWithClock();
        Assert.Equal(FailureKind.Unavailable, Ask<RequestFailed>(log, AppendOf("x")).Kind);
        Disk.Faults = null;
        Assert.Equal(FailureKind.Unavailable, Ask<RequestFailed>(log, AppendOf("x")).Kind);
        WaitForNextTry();
        AppendTexts(log, 2);
    }

    [Fact]
    public void Tries_should_take_a_twentieth_of_the_time_at_most()
    {
        var retry = new RetryWatch(_clock);
        Assert.False(retry.IsDue);
        WaitForNextTry();
        Assert.True(retry.IsDue);
        retry.Try(() => _clock.Advance(TimeSpan.FromSeconds(3)));
        _clock.Advance(TimeSpan.FromSeconds(59));
        Assert.False(retry.IsDue);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.True(retry.IsDue);
        Assert.Throws<InvalidOperationException>(() => retry.Try(() => throw new InvalidOperationException()));
        Assert.False(retry.IsDue);
        WaitForNextTry();
        Assert.True(retry.IsDue);
    }
}
