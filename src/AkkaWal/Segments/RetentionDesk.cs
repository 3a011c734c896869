using AkkaWal.Storage;
using AkkaWal.Storage.Maintenance;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Segments;

/// <summary>
/// Has the retention policy carried out, at each roll and at each tick: one check's work at a time, through the maintenance desk.
/// Owned by the manager.
/// </summary>
internal sealed class RetentionDesk(WalSettings settings, LogDirectory directory, MaintenanceDesk desk, Floors floors)
{
    private readonly RetentionClock _clock = new(settings.Options.Clock);
    private readonly HashSet<long> _stuck = [];
    private int _underWay;
    private bool _isCheckDue;

    internal bool IsOff => settings.Retention.IsOff;

    /// <summary>A segment was sealed.</summary>
    internal void NoteSealed(long baseOffset)
    {
        if (IsOff) return;
        _clock.NoteSealed(baseOffset);
        Check();
    }

    /// <summary>Looks whether anything exceeds its limit, and has that done.</summary>
    internal void Check()
    {
        // A roll that comes while the last check's work is under way may exceed a limit anew.
        _isCheckDue = _underWay > 0;
        if (IsOff || _isCheckDue) return;
        // Right after an opening the wall clock may still be put right: see RetentionClock.
        var ages = settings.Retention.MaxAge is null || _clock.SinceOpening < settings.RetentionCheckInterval ? null : _clock.AgesOf(directory.Sealed);
        var plan = Retention.Decide(settings.Retention, directory.Sealed, ages, floors.Lowest, _stuck.Contains);
        if (plan.TruncateBefore >= 0)
        {
            Begin(new TruncateBefore(plan.TruncateBefore), -1);
            _clock.ForgetBelow(plan.TruncateBefore);
        }
        foreach (var segment in plan.Compress) Begin(new CompressSegment(segment.Info.File), segment.BaseOffset);
        foreach (var segment in plan.Archive) Begin(new ArchiveSegment(segment.Info.File), segment.BaseOffset);
    }

    private void Begin(LogRequest request, long baseOffset)
    {
        _underWay++;
        desk.TakeOwn(request, end =>
        {
            _underWay--;
            // What is damaged stays so until somebody looks into it; anything else may pass. What does not shrink, the catalog knows.
            if (end == MaintenanceEnd.Hopeless) _stuck.Add(baseOffset);
            if (_isCheckDue) Check();
        });
    }
}
