namespace AkkaWal.Storage.Segments;

/// <summary>A walk through one segment's records.</summary>
/// <param name="Frames">The frames.</param>
/// <param name="Path">The file, for people.</param>
/// <param name="EndPosition">Where the last frame must end.</param>
/// <param name="Owner">What is to be let go of at the end.</param>
internal sealed record SegmentWalk(FrameScanner Frames, string Path, long EndPosition, IDisposable Owner);
