using AkkaWal.Crash.Tests.Workloads;
using AkkaWal.Storage;
using AkkaWal.Storage.Repair;

namespace AkkaWal.Crash.Tests.Opening;

/// <summary>
/// Every row with a repair: the repair reports what is lost, keeps what it removes, and no offset is given twice.
/// </summary>
[Trait("Suite", "RecoveryTable")]
public sealed class RepairedLogSpec
{
    public static TheoryData<string, string> Mendable
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var one in DamageCase.All.Where(one => one.Repair is not null))
                foreach (var disk in new[] { "simulated", "real" }) data.Add(one.Name, disk);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Mendable))]
    public void Repair_should_say_what_is_lost_keep_it_and_never_give_an_offset_twice(string name, string disk)
    {
        var one = DamageCase.Of(name);
        using var rig = one.NewRig(disk);
        var report = one.Repair!(rig);
        Assert.Equal((one.Lost?.From, one.IsEndKnown ? one.Lost?.To : null), (report.LostFrom, report.LostTo));
        Assert.Null(LogVerifier.Verify(rig.Directory, SampleLog.Options, rig.Files).Refusal);
        var isEndLost = one.Lost?.To >= rig.Sample.Payloads.Count - 1;
        Assert.Equal(isEndLost, report.NextOffset is not null);
        long appended;
        using (var log = rig.Open())
        {
            RefusedOpeningSpec.AssertHolds(log.Read, log.NextOffset, one.Lost, rig.Sample);
            Assert.Equal(report.NextOffset ?? rig.Sample.Payloads.Count, log.NextOffset);
            Assert.True(log.NextOffset >= rig.Sample.Payloads.Count, "an offset would be given twice");
            appended = log.Append([42]);
        }
        using (var log = rig.Open())
        {
            Assert.Equal([42], log.Read(appended));
            Assert.Equal(appended + 1, log.NextOffset);
            RefusedOpeningSpec.AssertHolds(log.Read, log.NextOffset, one.Lost, rig.Sample);
        }
        Assert.Null(LogVerifier.Verify(rig.Directory, SampleLog.Options, rig.Files).Refusal);
    }

    [Theory]
    [MemberData(nameof(Mendable))]
    public void Dry_run_should_report_what_the_repair_reports_and_change_nothing(string name, string disk)
    {
        var one = DamageCase.Of(name);
        using var rig = one.NewRig(disk);
        var before = rig.Snapshot();
        using var dryRun = new DryRunRig(rig);
        var tried = one.Repair!(dryRun);
        var wouldBeLeft = LogVerifier.Verify(rig.Directory, SampleLog.Options, dryRun.Files);
        Assert.Equal(before, rig.Snapshot());

        var made = one.Repair!(rig);
        var left = LogVerifier.Verify(rig.Directory, SampleLog.Options, rig.Files);
        Assert.Equal(made.KeptIn is null, tried.KeptIn is null);
        Assert.Equal(made with { KeptIn = null }, tried with { KeptIn = null });
        Assert.Equal(left.Faults, wouldBeLeft.Faults);
        Assert.Equal((left.Refusal, left.RecordCount), (wouldBeLeft.Refusal, wouldBeLeft.RecordCount));
    }

    [Theory]
    [MemberData(nameof(Mendable))]
    public void Repair_of_another_fault_should_be_refused_or_change_nothing(string name, string disk)
    {
        var one = DamageCase.Of(name);
        using var rig = one.NewRig(disk);
        var refusal = Assert.ThrowsAny<WalFaultException>(() => rig.Open());
        var before = rig.Snapshot();
        foreach (var other in DamageCase.All.Where(other => other.Repair is not null).DistinctBy(other => other.Row))
        {
            if (other.Row == one.Row || Mends(other.Row, one.Row)) continue;
            try
            {
                Assert.Null(other.Repair!(rig).LostFrom);
            }
            catch (Exception e) when (e is ArgumentException or WalFaultException)
            {
                // The refusal is the expected one.
            }
            Assert.Equal(before, rig.Snapshot());
        }
        Assert.Equal(refusal.Message, Assert.ThrowsAny<WalFaultException>(() => rig.Open()).Message);
    }

    // A repair may cover several rows, or remove a segment that another repair would keep.
    private static bool Mends(string repairOf, string row) =>
        (repairOf, row) switch
        {
            ("M2" or "M3", "M2" or "M3") or ("R5" or "R6", "R5" or "R6") => true,
            ("M4" or "R7" or "R8", "M4" or "R7" or "R8") => true,
            ("S1" or "S2" or "S10", _) => true,
            _ => false,
        };

    [Fact]
    public void Rebuilt_index_should_never_unseal_a_segment()
    {
        using var rig = DamageCase.Of("no active segment behind a mark").NewRig("simulated");
        LogRepair.RebuildIndex(rig.Directory, 6, SampleLog.Options, rig.Files);
        // The segment's successor is still missing: offset 12 was given and must not be given again.
        Assert.Equal("R7", LogVerifier.Verify(rig.Directory, SampleLog.Options, rig.Files).Refusal?.Row);
        Assert.Throws<WalAbsentException>(() => rig.Open());
        LogRepair.ReplaceActive(rig.Directory, SampleLog.Options, rig.Files);
        using var log = rig.Open();
        Assert.True(log.NextOffset >= rig.Sample.Payloads.Count);
    }

    [Fact]
    public void Next_offset_that_the_caller_gives_should_be_taken_where_it_was_never_given()
    {
        using var rig = DamageCase.Of("no active log").NewRig("simulated");
        // The index has 18 records.
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            LogRepair.ReplaceActive(rig.Directory, SampleLog.Options, rig.Files, nextOffset: 17));
        Assert.Equal(
            18, LogRepair.ReplaceActive(rig.Directory, SampleLog.Options, rig.Files, nextOffset: 18).NextOffset);
        using var log = rig.Open();
        Assert.Equal(18, log.NextOffset);
    }
}
