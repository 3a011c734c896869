using AkkaWal.Storage.Segments;

namespace AkkaWal.Storage.Recovery;

/// <summary>
/// The fault that a survey of the last segment shows: acknowledged data that is damaged or missing. These are the rows
/// of the recovery table that refuse the log.
/// </summary>
internal static class TailFault
{
    /// <summary>The fault; null where the survey shows none.</summary>
    internal static LogFault? Of(SegmentFiles segmentFiles, long baseOffset, TailSurvey survey)
    {
        var path = segmentFiles.LogPath(baseOffset);
        var frame = $"the frame of offset {survey.End.NextOffset}";
        return survey.Case switch
        {
            RecoveryCase.SealedWithoutSuccessor => new LogFault(
                LogFaultKind.Absent, segmentFiles.LogPath(survey.End.NextOffset), 0, survey.End.NextOffset,
                $"the successor of {Path.GetFileName(path)}, which is sealed", "no file")
            {
                Row = "R7", IsRefused = true, Repair = RepairKind.ReplaceActive,
                Advice = $"{Advice.Copied}; {Advice.ReplaceActive}",
            },
            RecoveryCase.DamageBelowWatermark => Damaged(
                "R5", $"{frame}, which was synced (up to position {survey.Watermark.EndPosition})",
                survey.TailBytes == 0 ? $"{Advice.Copied}; {Advice.CutTail}" : Advice.CutTail),
            RecoveryCase.DamageAboveWatermark => Damaged(
                "R6", $"{frame}, since a valid one follows at position {survey.LaterFrameAt}", Advice.CutTail),
            _ => null,
        };

        LogFault Damaged(string row, string expected, string advice) =>
            new(LogFaultKind.Damaged, path, survey.End.EndPosition, survey.End.NextOffset, expected, survey.Fault)
            {
                Row = row, IsRefused = true, Repair = RepairKind.CutTail, Advice = advice,
            };
    }
}
