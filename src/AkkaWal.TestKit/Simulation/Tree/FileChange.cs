namespace AkkaWal.TestKit.Simulation.Tree;

/// <summary>One change of a file that no successful sync has covered. Immutable, since disks share it.</summary>
/// <param name="Sequence">Its number among all changes of the disk.</param>
internal abstract record FileChange(long Sequence)
{
    public abstract void Apply(PagedImage image);
}

/// <summary>Bytes written at a position; a null array stands for zeros.</summary>
internal sealed record WriteChange(long Sequence, long Position, byte[]? Bytes, int LengthBytes) : FileChange(Sequence)
{
    public long End => Position + LengthBytes;

    public static WriteChange Of(long sequence, long position, ReadOnlySpan<byte> bytes) =>
        new(sequence, position, bytes.ContainsAnyExcept((byte)0) ? bytes.ToArray() : null, bytes.Length);

    public override void Apply(PagedImage image) => Apply(image, 0, LengthBytes);

    /// <summary>Applies the part of it from byte <paramref name="from"/> on.</summary>
    public void Apply(PagedImage image, int from, int count)
    {
        if (Bytes is null)
            image.WriteZeros(Position + from, count);
        else
            image.Write(Position + from, Bytes.AsSpan(from, count));
    }
}

/// <summary>The file was cut or extended.</summary>
internal sealed record LengthChange(long Sequence, long NewLengthBytes) : FileChange(Sequence)
{
    public override void Apply(PagedImage image) => image.SetLength(NewLengthBytes);
}

/// <summary>The file was made read-only. This is metadata that a power cut may lose.</summary>
internal sealed record ReadOnlyChange(long Sequence) : FileChange(Sequence)
{
    public override void Apply(PagedImage image)
    {
    }
}
