using Akka.Actor;
using Akka.Event;
using AkkaWal.Protocol;
using AkkaWal.Protocol.Internal;
using AkkaWal.Storage;
using AkkaWal.TestKit;

namespace AkkaWal.Tests.Upkeep;

/// <summary>Retention whose operations fail repeatedly.</summary>
public sealed class RetentionFaultSpec : LogSpec
{
    private const string Failing = "00000002.log";

    private static readonly RetentionPolicy OneACheck = new()
    {
        MaxSegments = 1, Action = RetentionAction.Archive, MaxSegmentsPerCheck = 1,
    };

    private bool _isFailing;

    [Fact]
    public void Item_that_fails_again_and_again_should_hold_up_no_other_and_be_told_once_and_heal()
    {
        var log = StartFailing();
        var listener = CreateTestProbe();
        Sys.EventStream.Subscribe(listener.Ref, typeof(Warning));
        AppendTexts(log, 10);
        AwaitAssert(
            () =>
            {
                Tick(log);
                Assert.Equal(["00000002.log", "00000006.log", "00000008.log"], FilesNotArchived(log));
            },
            Patience);
        for (var i = 0; i < 5; i++) Tick(log);
        Assert.Equal(["00000002.log", "00000006.log", "00000008.log"], FilesNotArchived(log));
        var note = listener.ExpectMsg<Warning>(Patience);
        listener.ExpectNoMsg(TimeSpan.Zero);
        Assert.Contains($"archiving {Failing} failed: ", note.Message.ToString(), StringComparison.Ordinal);
        Assert.Contains(
            $"archiving {Failing} failed: ", Ask<LogInfo>(log, new GetLogInfo()).UpkeepProblem,
            StringComparison.Ordinal);

        Volatile.Write(ref _isFailing, false);
        AwaitAssert(
            () =>
            {
                Tick(log);
                Assert.Equal(["00000006.log", "00000008.log"], FilesNotArchived(log));
            },
            Patience);
        Assert.Equal("", Ask<LogInfo>(log, new GetLogInfo()).UpkeepProblem);
    }

    [Fact]
    public void Item_that_failed_should_not_be_tried_again_at_each_roll()
    {
        var log = StartFailing();
        var tries = 0;
        var faults = Disk.Faults;
        Disk.Faults = operation =>
        {
            var fault = faults!(operation);
            if (fault is not null) Interlocked.Increment(ref tries);
            return fault;
        };
        for (var i = 0; i < 10; i++)
        {
            AppendTexts(log, 2, 2 * i);
            // Answered after the operations that the roll caused.
            Ask<RequestFailed>(log, new DeleteSegment("none"));
        }
        Assert.Equal(1, Volatile.Read(ref tries));
    }

    private IActorRef StartFailing()
    {
        _isFailing = true;
        Disk.Faults = operation => Volatile.Read(ref _isFailing) && operation.Kind == DiskOperationKind.Write
            && IsOfTheArchive(operation.Path)
            ? DiskFault.Error
            : null;
        return StartLog(
            new WalOptions { MaxSegmentBytes = 2 * TextFrameBytes },
            s => s with
            {
                Retention = OneACheck, ArchiveDirectory = "/archive", RetentionCheckInterval = TimeSpan.FromHours(1),
            });
    }

    private static bool IsOfTheArchive(string path) =>
        path.StartsWith("/archive", StringComparison.Ordinal) && path.Contains(Failing, StringComparison.Ordinal);

    private void Tick(IActorRef log)
    {
        log.Tell(new RetentionTick());
        // Answered after the operations that the tick caused.
        Ask<RequestFailed>(log, new DeleteSegment("none"));
    }

    private IEnumerable<string> FilesNotArchived(IActorRef log) => Ask<SegmentList>(log, new GetSegments()).Segments
        .Where(segment => !segment.IsArchived).Select(segment => segment.File);
}
