using Akka.Event;
using AkkaWal.Manager.State;
using AkkaWal.Protocol;
using AkkaWal.Storage;
using AkkaWal.Storage.Catalog;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Maintenance;

namespace AkkaWal.Manager.Maintenance;

/// <summary>
/// Turns the retention policy into operations, at each roll and at each tick. The manager puts them into the
/// maintenance queue and reports their results here. The next check comes when all operations of the last one have
/// ended. Failed operations are tried again only at ticks, after all others, and each reason is reported once. Owned by
/// the manager.
/// </summary>
internal sealed class RetentionSchedule(
    WalSettings settings, LogDirectory directory, Floors floors, ILoggingAdapter log, LogMetrics metrics)
{
    private const string Truncating = "deleting the oldest segments", Compressing = "compressing",
        Archiving = "archiving";

    private readonly RetentionClock _clock = new(settings.Options.Clock);
    private readonly RepeatedNotes _notes = new(text => log.Warning("{0}", text));
    private readonly Dictionary<Item, Failure> _failures = [];
    // Compared by reference, since two requests may have equal values.
    private readonly Dictionary<LogRequest, Item> _underWay = new(ReferenceEqualityComparer.Instance);
    private long _failureCount;
    private bool _isCheckDue, _isTickDue, _hasCheckedAges;

    internal bool IsOff => settings.Retention.IsOff;

    /// <summary>Why operations of retention failed at their last try; "" if none did.</summary>
    internal string Problem
    {
        get
        {
            if (_failures.Count == 0) return "";
            var (item, failure) = _failures.MaxBy(pair => pair.Value.Number);
            var more = _failures.Count > 1 ? $" ({_failures.Count - 1} more operations of retention fail)" : "";
            return $"{Describe(item, failure.Reason)}{more}";
        }
    }

    /// <summary>A segment was sealed.</summary>
    /// <returns>The operations to do.</returns>
    internal IReadOnlyList<LogRequest> NoteSealed(long baseOffset)
    {
        if (IsOff) return [];
        _clock.NoteSealed(baseOffset);
        return Check(isTick: false);
    }

    /// <summary>Checks the log against the policy's limits.</summary>
    /// <param name="isTick">Whether failed operations may be tried again.</param>
    /// <returns>The operations to do. Call <see cref="NoteEnded"/> for each.</returns>
    internal IReadOnlyList<LogRequest> Check(bool isTick)
    {
        // A roll during the last check's operations may exceed a limit again, so another check follows them.
        _isCheckDue = _underWay.Count > 0;
        _isTickDue = _isCheckDue && (_isTickDue || isTick);
        if (IsOff || _isCheckDue) return [];
        foreach (var item in _failures.Keys
            .Where(item => item.BaseOffset >= 0 && item.BaseOffset < directory.StartOffset).ToList())
            _failures.Remove(item);
        // Soon after an opening the wall clock may still be corrected: see RetentionClock.
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

    /// <summary>An operation has ended.</summary>
    /// <returns>The operations to do next.</returns>
    internal IReadOnlyList<LogRequest> NoteEnded(EndedOperation ended)
    {
        if (!_underWay.Remove(ended.Request, out var item)) return [];
        // A segment that does not shrink counts as done: the catalog marks it.
        if (ended.End == MaintenanceEnd.Done) _failures.Remove(item);
        else Fail(item, ended.Reason, isHopeless: ended.End == MaintenanceEnd.Hopeless);
        if (_underWay.Count == 0) _notes.End();
        return _isCheckDue ? Check(_isTickDue) : [];
    }

    private IReadOnlyList<TimeSpan> AgesNow()
    {
        if (!_hasCheckedAges && _clock.SealedAhead(directory.Sealed) is { Count: > 0 } ahead)
        {
            var others = ahead.Count > 1 ? $", as do {ahead.Count - 1} others" : "";
            log.Warning(
                "{0} bears a seal time of {1:u}, which lies ahead of this machine's clock{2}: for retention by age it "
                + "counts as sealed when the log was opened. Make sure that the clock is right.",
                ahead[0].Info.File,
                DateTimeOffset.FromUnixTimeMilliseconds(ahead[0].SealedAtUnixMs),
                others);
        }
        _hasCheckedAges = true;
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

    // Damage stays until an operator repairs it. Any other failure may pass.
    private void Fail(Item item, string reason, bool isHopeless)
    {
        metrics.UpkeepFailed();
        if (!_failures.TryGetValue(item, out var before) || before.Reason != reason)
            _notes.Note(Describe(item, reason));
        _failures[item] = new Failure(reason, ++_failureCount, isHopeless);
    }

    private static string Describe(Item item, string reason) =>
        item.BaseOffset < 0
            ? $"{item.Work} failed: {reason}"
            : $"{item.Work} {SegmentName.Log(item.BaseOffset)} failed: {reason}";

    /// <summary>An operation and its segment.</summary>
    private readonly record struct Item(long BaseOffset, string Work);

    /// <param name="Reason">The reason, for operators.</param>
    /// <param name="Number">The number of the failure. The oldest one is tried again first.</param>
    /// <param name="IsHopeless">Whether another try will fail as well.</param>
    private readonly record struct Failure(string Reason, long Number, bool IsHopeless);
}
