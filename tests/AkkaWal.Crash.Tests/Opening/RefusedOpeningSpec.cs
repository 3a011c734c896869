using AkkaWal.Crash.Tests.Workloads;
using AkkaWal.Storage;
using AkkaWal.Storage.Repair;

namespace AkkaWal.Crash.Tests.Opening;

/// <summary>
/// Every row that refuses a log, on both kinds of disk. A refused opening changes nothing, a reader and a verification
/// report the same fault, whole records are read, and once the fault is gone the log opens as if it had not been tried.
/// </summary>
[Trait("Suite", "RecoveryTable")]
public sealed class RefusedOpeningSpec
{
    public static TheoryData<string, string> OnBothDisks
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var one in DamageCase.All)
                foreach (var disk in new[] { "simulated", "real" }) data.Add(one.Name, disk);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(OnBothDisks))]
    public void Refused_opening_should_change_nothing_and_open_once_the_obstacle_is_gone(string name, string disk)
    {
        var one = DamageCase.Of(name);
        using var rig = one.NewRig(disk);
        var before = rig.Snapshot();
        for (var start = 1; start <= 2; start++)
        {
            List<string> notes = [];
            var refusal = Assert.ThrowsAny<WalFaultException>(() => rig.Open(notes.Add));
            Assert.Equal(one.Kind, LogFault.Of(refusal).Kind);
            Assert.NotEmpty(refusal.Advice);
            Assert.Empty(notes);
            Assert.Equal(before, rig.Snapshot());
        }
        rig.Mend();
        using (var log = rig.Open()) AssertHolds(log.Read, log.NextOffset, null, rig.Sample);
        using (var log = rig.Open()) AssertHolds(log.Read, log.NextOffset, null, rig.Sample);
    }

    [Theory]
    [MemberData(nameof(OnBothDisks))]
    public void Opening_reader_and_verification_should_say_the_same(string name, string disk)
    {
        var one = DamageCase.Of(name);
        using var rig = one.NewRig(disk);
        var refusal = Assert.ThrowsAny<WalFaultException>(() => rig.Open());
        var before = rig.Snapshot();
        var report = LogVerifier.Verify(rig.Directory, SampleLog.Options, rig.Files);
        Assert.Equal(one.Row, report.Refusal?.Row);
        Assert.Equal(refusal.Message, report.Refusal!.ToException().Message);
        Assert.Contains(report.Refusal, report.Faults);
        Assert.Equal(one.Repair is null, report.Refusal.Repair is null);

        using var reader = LogReader.Open(rig.Directory, files: rig.Files);
        Assert.Equal((refusal.GetType(), refusal.Message), (reader.Damage?.GetType(), reader.Damage?.Message));
        Assert.Equal(before, rig.Snapshot());
    }

    [Theory]
    [MemberData(nameof(OnBothDisks))]
    public void Whole_records_of_a_refused_log_should_be_read(string name, string disk)
    {
        var one = DamageCase.Of(name);
        using var rig = one.NewRig(disk);
        using var reader = LogReader.Open(rig.Directory, files: rig.Files);
        // The target of a link is not read.
        var lost = one.Row == "S11" ? LinkedTo(name) : one.Lost;
        AssertHolds(reader.Read, rig.Sample.Payloads.Count, lost, rig.Sample);
    }

    private static (long, long)? LinkedTo(string name) =>
        name.Contains(DamageCase.First + ".log", StringComparison.Ordinal) ? (0, 5)
            : name.Contains(DamageCase.Active + ".log", StringComparison.Ordinal) ? (12, 17) : null;

    internal static void AssertHolds(
        Func<long, byte[]> read, long nextOffset, (long From, long To)? lost, SampleLog sample)
    {
        Assert.True(nextOffset >= sample.Payloads.Count);
        for (var offset = 0; offset < sample.Payloads.Count; offset++)
        {
            if (offset >= lost?.From && offset <= lost?.To) Assert.ThrowsAny<Exception>(() => read(offset));
            else Assert.Equal(sample.Payloads[offset], read(offset));
        }
    }
}
