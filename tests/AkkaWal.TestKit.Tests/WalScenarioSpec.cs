using System.Text;
using Akka.Actor;
using AkkaWal.Protocol;
using AkkaWal.Storage;
using AkkaWal.Tests;

namespace AkkaWal.TestKit.Tests;

/// <summary>What a scenario promises to a test that uses it.</summary>
public sealed class WalScenarioSpec : ActorSpec
{
    [Fact]
    public async Task Acknowledged_records_should_be_there_after_a_cut_of_any_mode()
    {
        using var wal = WalScenario.Start(Sys);
        for (var seed = 0; seed < 20; seed++)
        {
            Assert.Equal(seed, await wal.Client.AppendAsync(Text($"record {seed}")));
            wal.CutPower(CutMode.Any(new Random(seed)), seed);
        }

        var all = await wal.Client.ReadBatchAsync(0);
        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"record {i}"), all.Payloads.Select(Text));
    }

    [Fact]
    public void Append_whose_sync_is_held_should_not_be_acknowledged_and_be_gone_after_a_power_cut()
    {
        using var wal = WalScenario.Start(Sys);
        var syncs = wal.HoldSyncs();
        wal.Log.Tell(new Append(Text("lost"), RequestId: 1), TestActor);
        syncs.AwaitReached();

        wal.CutPower();

        Assert.Equal(FailureKind.OutcomeUnknown, ExpectMsg<RequestFailed>().Kind);
        wal.Log.Tell(new GetLogInfo(2), TestActor);
        Assert.Equal(0, ExpectMsg<LogInfo>().NextOffset);
    }

    [Fact]
    public void Append_whose_sync_is_held_should_be_there_where_the_process_is_killed()
    {
        using var wal = WalScenario.Start(Sys);
        var syncs = wal.HoldSyncs();
        wal.Log.Tell(new Append(Text("written"), RequestId: 1), TestActor);
        syncs.AwaitReached();

        wal.Kill();

        Assert.Equal(FailureKind.OutcomeUnknown, ExpectMsg<RequestFailed>().Kind);
        wal.Log.Tell(new Read(0, RequestId: 2), TestActor);
        Assert.Equal("written", Text(ExpectMsg<RecordRead>().Payload));
    }

    [Fact]
    public void Append_whose_commit_is_held_should_not_be_there_even_where_the_process_is_killed()
    {
        using var wal = WalScenario.Start(Sys, settings => settings with
        {
            Options = new WalOptions { Flush = FlushPolicy.OsCache },
        });
        var commits = wal.HoldCommits();
        wal.Log.Tell(new Append(Text("in memory"), RequestId: 1), TestActor);
        commits.AwaitReached();

        wal.Kill();

        Assert.IsType<RequestFailed>(ExpectMsg<LogReply>());
        wal.Log.Tell(new GetLogInfo(2), TestActor);
        Assert.Equal(0, ExpectMsg<LogInfo>().NextOffset);
    }

    [Theory]
    [InlineData(FlushPolicy.OsCache)]
    [InlineData(FlushPolicy.Always)]
    public async Task Commit_should_be_there_after_a_kill_once_it_was_awaited(FlushPolicy flush)
    {
        using var wal = WalScenario.Start(Sys, settings => settings with
        {
            Options = new WalOptions { Flush = flush },
        });
        for (var offset = 0; offset < 3; offset++)
        {
            using var syncs = wal.HoldSyncs();
            var commit = wal.NextCommit();
            Assert.False(commit.IsCompleted);
            wal.Log.Tell(new Append(Text($"record {offset}"), RequestId: offset), TestActor);
            await commit;

            wal.Kill();

            Assert.Equal($"record {offset}", Text(await wal.Client.ReadAsync(offset)));
        }
    }

    [Fact]
    public void Held_sync_should_be_acknowledged_when_it_is_let_go()
    {
        using var wal = WalScenario.Start(Sys);
        using var syncs = wal.HoldSyncs();
        wal.Log.Tell(new Append(Text("held"), RequestId: 1), TestActor);
        syncs.AwaitReached();
        Assert.False(HasMessages);
        var synced = wal.NextSync();

        syncs.Open();

        Assert.Equal(new Appended(0, 1), ExpectMsg<Appended>());
        Assert.True(synced.IsCompletedSuccessfully);
    }

    [Fact]
    public void Held_sync_that_fails_should_latch_the_log_until_it_is_restarted()
    {
        using var wal = WalScenario.Start(Sys);
        using var syncs = wal.HoldSyncs();
        wal.Log.Tell(new Append(Text("lost?"), RequestId: 1), TestActor);
        syncs.AwaitReached();

        syncs.Fail(DiskFault.Error);

        Assert.Equal(FailureKind.OutcomeUnknown, ExpectMsg<RequestFailed>().Kind);
        wal.Log.Tell(new Append(Text("refused"), RequestId: 2), TestActor);
        Assert.Equal(FailureKind.Unavailable, ExpectMsg<RequestFailed>().Kind);
        wal.Restart();
        wal.Log.Tell(new Append(Text("taken"), RequestId: 3), TestActor);
        Assert.Equal(3, ExpectMsg<Appended>().RequestId);
    }

    [Fact]
    public async Task Roll_should_be_an_event_to_wait_for()
    {
        using var wal = WalScenario.Start(Sys);
        var roll = wal.NextRoll();
        await wal.Client.AppendAsync(Text("old segment"));
        Assert.False(roll.IsCompleted);

        wal.Log.Tell(new SealActiveSegment(), ActorRefs.NoSender);

        await roll.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.NotNull(wal.Disk.Stat($"{WalScenario.Directory}/00000001.log"));
        Assert.Equal(1, await wal.Client.AppendAsync(Text("new segment")));
    }

    [Fact]
    public async Task Append_should_be_refused_where_its_write_fails_and_taken_when_the_disk_is_healed()
    {
        using var wal = WalScenario.Start(Sys);
        wal.Disk.Fail(DiskOperationKind.Write, "00000000.log", DiskFault.NoSpace);

        var failure = await Assert.ThrowsAsync<WalRequestException>(() => wal.Client.AppendAsync(Text("no room")));

        Assert.Equal(FailureKind.Aborted, failure.Kind);
        wal.Disk.Heal();
        Assert.Equal(0, await wal.Client.AppendAsync(Text("room")));
    }

    [Fact]
    public void Settings_of_another_directory_should_be_refused()
    {
        var refused = Assert.Throws<ArgumentException>(() =>
            WalScenario.Start(Sys, settings => settings with { Directory = "/elsewhere" }));
        Assert.Contains("/elsewhere", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Scenario_should_leave_no_handle_no_lock_and_no_held_thread()
    {
        var wal = WalScenario.Start(Sys);
        wal.HoldSyncs();
        wal.Log.Tell(new Append(Text("held"), RequestId: 1), TestActor);

        wal.Dispose();

        Assert.Equal((0, 0), (wal.Disk.OpenHandleCount, wal.Disk.HeldLockCount));
        Assert.Equal(1, ExpectMsg<LogReply>().RequestId);
    }

    private static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);

    private static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);
}
