namespace AkkaWal.Storage.Format;

/// <summary>A range of offsets.</summary>
/// <param name="First">The first offset in it.</param>
/// <param name="Next">The offset that follows its last one.</param>
internal readonly record struct OffsetRange(long First, long Next)
{
    internal bool Contains(long offset) => offset >= First && offset < Next;
}
