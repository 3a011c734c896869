using AkkaWal.Storage;
using AkkaWal.Storage.Files;
using AkkaWal.Storage.Repair;
using AkkaWal.TestKit;
using AkkaWal.TestKit.Simulation;

namespace AkkaWal.Crash.Tests.Ownership;

/// <summary>
/// An owner loses its lock without being told, and another one takes the log over at any moment: also between a check
/// of the former owner and the call that the check was for. Whatever the former owner still does, what was
/// acknowledged to either stays in the log, and the former owner gets no acknowledgement any more.
/// </summary>
[Trait("Suite", "Ownership")]
public sealed class StaleOwnerSpec
{
    private const string OsCache = "append under os-cache";

    private static readonly Dictionary<string, Action<OwnedLog>> Acts = new()
    {
        ["append"] = owner => owner.Append("late"),
        [OsCache] = owner => owner.Append("late"),
        ["read"] = owner =>
        {
            Record.Exception(() => owner.Append("late"));
            owner.Log.Read(owner.Log.CommittedNextOffset - 1);
        },
        ["roll"] = owner => owner.Log.SealActive(),
        ["roll by itself"] = owner =>
        {
            for (var i = 0; i < 4; i++) owner.Append($"late record {i}");
        },
        ["delete"] = owner => owner.Log.DeleteSegment("00000000.log"),
        ["truncate"] = owner => owner.Log.TruncateBefore(4),
        ["compress"] = owner => owner.Log.CompressSegment("00000000.log"),
        ["archive"] = owner => owner.Log.ArchiveSegment("00000000.log"),
        ["stop"] = owner => owner.Log.Close(),
        ["open"] = _ => { },
    };

    public static TheoryData<string> Names => [.. Acts.Keys];

    /// <summary>The former owner is between two of its acts when another one takes over.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Owner_that_lost_its_lock_should_get_no_acknowledgement(string name)
    {
        var disk = Start(out var former, name);
        disk.LoseLocks();
        var owner = OwnedLog.Open(disk, "b");
        owner.Append("new");
        var problem = Record.Exception(() => Acts[name](former));
        if (name is not ("stop" or "open"))
        {
            var cause = Assert.IsAssignableFrom<WalException>(problem);
            Assert.True(
                (cause as WalIOException ?? cause.InnerException as WalIOException)?.IsNotOwned, $"{name}: {cause}");
        }
        owner.Append("newer");
        CheckAfter(disk, name, former, owner);
    }

    /// <summary>Another owner takes over right before each call with which the former one changes the disk.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Owner_that_is_taken_over_in_the_middle_should_harm_nothing(string name)
    {
        var count = 0;
        for (var at = 1; at <= Math.Max(count, 1); at++)
        {
            var when = $"{name}, taken over before its call {at}";
            var disk = Start(out var former, name);
            OwnedLog? owner = null;
            var (before, calls) = (disk.Operations.Count, 0);
            disk.Faults = operation =>
            {
                if (owner is not null || ++calls < at) return null;
                disk.Faults = null;
                disk.LoseLocks();
                owner = OwnedLog.Open(disk, "b");
                when += $" ({operation})";
                owner.Append("new");
                // On sealed segments it does the same.
                if (name is "compress" or "archive") Record.Exception(() => Acts[name](owner));
                return null;
            };
            var problem = Record.Exception(() =>
            {
                if (name == "open") former = Reopen(disk, former);
                else Acts[name](former);
            });
            Assert.True(problem is null or WalException, $"{when}: {problem}");
            disk.Faults = null;
            if (owner is null)
            {
                Assert.True(at > 1, $"{name} changes nothing");
                return;
            }
            count = at + 1;
            // It wakes up and goes on, until it finds out.
            var late = Record.Exception(() => former.Append("too late"));
            Assert.True(late is WalException, $"{when}: {late?.ToString() ?? "an acknowledgement"}");
            owner.Append("newer");
            for (var i = 0; i < 4; i++) owner.Append($"newest {i}");
            CheckAfter(disk, when, former, owner);
        }
    }

    /// <summary>The former owner acts right before each call with which another one takes over.</summary>
    [Theory]
    [InlineData("append")]
    [InlineData(OsCache)]
    [InlineData("roll")]
    [InlineData("delete")]
    [InlineData("compress")]
    [InlineData("stop")]
    public void Owner_that_acts_in_the_middle_of_a_takeover_should_lose_nothing(string name)
    {
        for (var (at, wasReached) = (1, true); wasReached; at++)
        {
            var disk = Start(out var former, name);
            disk.LoseLocks();
            var (count, when) = (0, $"{name}, never");
            disk.Faults = operation =>
            {
                if (++count != at) return null;
                disk.Faults = null;
                when = $"{name}, before call {at} of the takeover ({operation})";
                Record.Exception(() => Acts[name](former));
                return null;
            };
            OwnedLog owner;
            try
            {
                owner = OwnedLog.Open(disk, "b");
            }
            catch (WalLockedException)
            {
                // It rolled meanwhile, and has its new segment locked.
                disk.LoseLocks();
                owner = OwnedLog.Open(disk, "b");
            }
            wasReached = disk.Faults is null;
            disk.Faults = null;
            owner.Append("new");
            Record.Exception(() => former.Append("too late"));
            CheckAfter(disk, when, former, owner);
        }
    }

    /// <summary>The spec would notice an owner that does not look for the next epoch.</summary>
    [Fact]
    public void Owner_that_skips_the_check_should_be_noticed()
    {
        var disk = Start(out var former, isBlind: true);
        disk.LoseLocks();
        var owner = OwnedLog.Open(disk, "b");
        owner.Append("new");
        disk.Broken = BrokenDisk.NeverTellsThatALockIsLost;
        former.Append("late");
        disk.Broken = BrokenDisk.None;
        Assert.ThrowsAny<Exception>(() => CheckAfter(disk, "planted", former, owner));
    }

    private static OwnedLog Reopen(SimulatedDisk disk, OwnedLog former)
    {
        former.Log.Close();
        var again = OwnedLog.Open(disk, "c");
        foreach (var (offset, text) in former.Acknowledged) again.Acknowledged.Add(offset, text);
        return again;
    }

    private static SimulatedDisk Start(out OwnedLog owner, string name = "", bool isBlind = false)
    {
        var disk = new SimulatedDisk();
        disk.CreateDirectory("/data");
        var flush = name == OsCache ? FlushPolicy.OsCache : FlushPolicy.Always;
        owner = OwnedLog.Open(disk, "a", isBlind ? new BlindFiles(disk) : null, flush);
        for (var i = 0; i < 7; i++) owner.Append($"record {i}{new string(' ', 200)}");
        return disk;
    }

    private static void CheckAfter(SimulatedDisk disk, string when, OwnedLog former, OwnedLog owner)
    {
        OwnedLog.Check(owner.Log, $"{when}, at the owner", former.Acknowledged, owner.Acknowledged);
        var cut = disk.PowerCut(new Random(1));
        using (var log = OwnedLog.Open(cut, "c").Log)
            OwnedLog.Check(log, $"{when}, after a power cut", former.Acknowledged, owner.Acknowledged);
        owner.Log.Close();
        Record.Exception(former.Log.Dispose);
        Assert.Empty(LogVerifier.Verify(OwnedLog.Place, OwnedLog.OptionsOf(disk), disk).Faults);
        var third = OwnedLog.Open(disk, "c");
        third.Append("third");
        OwnedLog.Check(
            third.Log, $"{when}, at the third", former.Acknowledged, owner.Acknowledged, third.Acknowledged);
        third.Log.Close();
        Assert.Equal(0, disk.HeldLockCount);
    }

    /// <summary>The disk as an owner sees it that does not look for claims.</summary>
    private sealed class BlindFiles(SimulatedDisk disk) : ForwardingFiles(disk)
    {
        public override WalDirectoryEntry? Stat(string path) =>
            path.EndsWith(".claim", StringComparison.Ordinal) ? null : base.Stat(path);
    }
}
