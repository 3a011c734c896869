namespace AkkaWal.Storage.Format;

/// <summary>A range of offsets.</summary>
/// <param name="First">The first one in it.</param>
/// <param name="Next">The one that follows its last one.</param>
internal readonly record struct OffsetRange(long First, long Next)
{
    internal bool Contains(long offset) => offset >= First && offset < Next;
}
