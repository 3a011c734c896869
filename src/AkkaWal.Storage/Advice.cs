namespace AkkaWal.Storage;

/// <summary>What a person can do about a fault.</summary>
internal static class Advice
{
    internal const string Copied =
        "a copy that was taken while the log was written looks like this: "
        + "take it with LogBackup, or while nobody writes the log";

    internal const string BackUpWhatIsWhole =
        "LogVerifier tells all that is wrong: put the segment back from an older copy with LogRepair, "
        + "or give it up, and take the backup then";

    internal const string OtherDestination = "choose another destination";

    internal const string RebuildManifest = "LogRepair.RebuildManifest makes it anew from the segments";

    internal const string ReplaceActive =
        "put the file back, or have LogRepair.ReplaceActive start a new segment "
        + "behind every offset that may have been given";

    internal const string CutTail =
        "LogRepair.CutTail keeps what is whole before it and goes on behind every offset that may have been given";

    internal static string SetSegmentAside(long baseOffset) =>
        $"put the file back, or have LogRepair.SetSegmentAside({baseOffset}) make a gap of it";

    internal static string SealAsItIs(long baseOffset) =>
        $"LogRepair.SealAsItIs({baseOffset}) keeps all whole records of it";

    internal static string RebuildIndex(long baseOffset) =>
        $"LogRepair.RebuildIndex({baseOffset}) makes it anew from the log";
}
