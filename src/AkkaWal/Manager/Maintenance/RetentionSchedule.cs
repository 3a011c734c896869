using Akka.Event;
using AkkaWal.Manager.State;
using AkkaWal.Protocol;
using AkkaWal.Storage;
using AkkaWal.Storage.Catalog;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Maintenance;

namespace AkkaWal.Manager.Maintenance;

/// <summary>
/// Says what the retention policy asks for, at each roll and at each tick: one check's work at a time. The manager puts
/// it into the maintenance queue and tells how it ended. What fails is tried again at ticks alone, behind everything
/// that has not failed, and told once for each reason. Owned by the manager.
/// </summary>
internal sealed class RetentionSchedule(
    WalSettings settings, LogDirectory directory, Floors floors, ILoggingAdapter log, LogMetrics metrics)
{
    private const string Truncating = "deleting the oldest segments", Compressing = "compressing",
        Archiving = "archiving";

    private readonly RetentionClock _clock = new(settings.Options.Clock);
    private readonly RepeatedNotes _notes = new(text => log.Warning("{0}", text));
    private readonly Dictionary<Item, Failure> _failures = [];
    // Told apart by reference: two operations may ask for the same.
    private readonly Dictionary<LogRequest, Item> _underWay = new(ReferenceEqualityComparer.Instance);
    private long _failureCount;
    private bool _isCheckDue, _isTickDue, _hasJudgedAges;

    internal bool IsOff => settings.Retention.IsOff;

    /// <summary>What the last tries of some operations failed of; "" where none did.</summary>
    internal string Problem
    {
        get
        {
            if (_failures.Count == 0) return "";
            var (item, failure) = _failures.MaxBy(pair => pair.Value.Number);
            var more = _failures.Count > 1 ? $" ({_failures.Count - 1} more operations of retention fail)" : "";
            return $"{Tell(item, failure.Reason)}{more}";
        }
    }

    /// <summary>A segment was sealed.</summary>
    /// <returns>What is to be done.</returns>
    internal IReadOnlyList<LogRequest> NoteSealed(long baseOffset)
    {
        if (IsOff) return [];
        _clock.NoteSealed(baseOffset);
        return Check(isTick: false);
    }

    /// <summary>Looks whether anything exceeds its limit.</summary>
    /// <param name="isTick">Whether what failed before may be tried again.</param>
    /// <returns>What is to be done; <see cref="NoteEnded"/> is to be told of each.</returns>
    internal IReadOnlyList<LogRequest> Check(bool isTick)
    {
        // A roll that comes while the last check's work is under way may exceed a limit anew.
        _isCheckDue = _underWay.Count > 0;
        _isTickDue = _isCheckDue && (_isTickDue || isTick);
        if (IsOff || _isCheckDue) return [];
        foreach (var item in _failures.Keys
            .Where(item => item.BaseOffset >= 0 && item.BaseOffset < directory.StartOffset).ToList())
            _failures.Remove(item);
        // Right after an opening the wall clock may still be put right: see RetentionClock.
        var isTooEarly = _clock.SinceOpening < settings.RetentionCheckInterval;
        var ages = settings.Retention.MaxAge is null || isTooEarly ? null : AgesNow();
        var plan = Retention.Decide(
            settings.Retention, directory.Sealed, ages, floors.Lowest, baseOffset => LastFailure(baseOffset, isTick));
        var begun = new List<LogRequest>();
        void Begin(LogRequest request, Item item)
        {
            _underWay.Add(request, item);
            begun.Add(request);
        }
        if (plan.TruncateBefore >= 0 && LastFailure(-1, isTick) != Retention.PassedOver)
        {
            Begin(new TruncateBefore(plan.TruncateBefore), new Item(-1, Truncating));
            _clock.ForgetBelow(plan.TruncateBefore);
        }
        foreach (var segment in plan.Compress)
            Begin(new CompressSegment(segment.Info.File), new Item(segment.BaseOffset, Compressing));
        foreach (var segment in plan.Archive)
            Begin(new ArchiveSegment(segment.Info.File), new Item(segment.BaseOffset, Archiving));
        return begun;
    }

    /// <summary>Something that was to be done has ended.</summary>
    /// <returns>What is to be done next.</returns>
    internal IReadOnlyList<LogRequest> NoteEnded(EndedOperation ended)
    {
        if (!_underWay.Remove(ended.Request, out var item)) return [];
        // What does not shrink, the catalog knows.
        if (ended.End == MaintenanceEnd.Done) _failures.Remove(item);
        else Fail(item, ended.Reason, isHopeless: ended.End == MaintenanceEnd.Hopeless);
        if (_underWay.Count == 0) _notes.End();
        return _isCheckDue ? Check(_isTickDue) : [];
    }

    private IReadOnlyList<TimeSpan> AgesNow()
    {
        if (!_hasJudgedAges && _clock.SealedAhead(directory.Sealed) is { Count: > 0 } ahead)
        {
            var others = ahead.Count > 1 ? $", as do {ahead.Count - 1} others" : "";
            log.Warning(
                "{0} bears a seal time of {1:u}, which lies ahead of this machine's clock{2}: for retention by age it "
                + "counts as sealed when the log was opened. Make sure that the clock is right.",
                ahead[0].Info.File,
                DateTimeOffset.FromUnixTimeMilliseconds(ahead[0].SealedAtUnixMs),
                others);
        }
        _hasJudgedAges = true;
        return _clock.AgesOf(directory.Sealed);
    }

    private long LastFailure(long baseOffset, bool mayTryAgain)
    {
        var last = 0L;
        foreach (var work in new[] { Truncating, Compressing, Archiving })
            if (_failures.TryGetValue(new Item(baseOffset, work), out var failure))
                last = Math.Max(last, failure.IsHopeless || !mayTryAgain ? Retention.PassedOver : failure.Number);
        return last;
    }

    // What is damaged stays so until somebody looks into it; anything else may pass.
    private void Fail(Item item, string reason, bool isHopeless)
    {
        metrics.UpkeepFailed();
        if (!_failures.TryGetValue(item, out var before) || before.Reason != reason) _notes.Note(Tell(item, reason));
        _failures[item] = new Failure(reason, ++_failureCount, isHopeless);
    }

    private static string Tell(Item item, string reason) =>
        item.BaseOffset < 0
            ? $"{item.Work} failed: {reason}"
            : $"{item.Work} {SegmentName.Log(item.BaseOffset)} failed: {reason}";

    /// <summary>What is done to what.</summary>
    private readonly record struct Item(long BaseOffset, string Work);

    /// <param name="Reason">For people.</param>
    /// <param name="Number">Counts failures: the longest ago is tried again first.</param>
    /// <param name="IsHopeless">Whether another try will fail as well.</param>
    private readonly record struct Failure(string Reason, long Number, bool IsHopeless);
}
