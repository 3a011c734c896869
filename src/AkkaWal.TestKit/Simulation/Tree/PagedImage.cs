namespace AkkaWal.TestKit.Simulation.Tree;

/// <summary>
/// A file's bytes, in pages that several disks share until one of them writes. So a power cut copies references, not
/// pages. A page that was never written is null and reads as zeros.
/// </summary>
/// <remarks>
/// A frozen image never changes, so it may be shared. <see cref="Thaw"/> returns one that may be written and shares all
/// pages; each page is copied at the first write to it.
/// </remarks>
internal sealed class PagedImage
{
    public const int PageBytes = 4096;

    public static readonly PagedImage Empty = new PagedImage([], 0).Freeze();

    private byte[]?[] _pages;
    private bool[] _isOwned;
    private bool _isFrozen;

    private PagedImage(byte[]?[] pages, long lengthBytes)
    {
        _pages = pages;
        _isOwned = new bool[pages.Length];
        LengthBytes = lengthBytes;
    }

    public long LengthBytes { get; private set; }

    /// <summary>The bytes of the written pages. Holes take none, as on a real disk.</summary>
    public long AllocatedBytes => (long)_pages.Count(page => page is not null) * PageBytes;

    public int PageCount => (int)((LengthBytes + PageBytes - 1) / PageBytes);

    public PagedImage Freeze()
    {
        _isFrozen = true;
        return this;
    }

    /// <summary>
    /// An image that may be written: this one, or a new one with the same pages if this one is frozen.
    /// </summary>
    public PagedImage Thaw() => _isFrozen ? new PagedImage((byte[]?[])_pages.Clone(), LengthBytes) : this;

    public int Read(long position, Span<byte> buffer)
    {
        var count = (int)Math.Clamp(LengthBytes - position, 0, buffer.Length);
        for (var done = 0; done < count;)
        {
            var (page, from, size) = Piece(position + done, count - done);
            if (page < _pages.Length && _pages[page] is { } bytes)
                bytes.AsSpan(from, size).CopyTo(buffer[done..]);
            else
                buffer.Slice(done, size).Clear();
            done += size;
        }

        return count;
    }

    public void Write(long position, ReadOnlySpan<byte> bytes)
    {
        Extend(position + bytes.Length);
        for (var done = 0; done < bytes.Length;)
        {
            var (page, from, size) = Piece(position + done, bytes.Length - done);
            bytes.Slice(done, size).CopyTo(Own(page).AsSpan(from));
            done += size;
        }
    }

    public void WriteZeros(long position, long lengthBytes)
    {
        Extend(position + lengthBytes);
        for (long done = 0; done < lengthBytes;)
        {
            var (page, from, size) = Piece(position + done, lengthBytes - done);
            if (_pages[page] is not null)
                Own(page).AsSpan(from, size).Clear();
            done += size;
        }
    }

    public void SetLength(long lengthBytes)
    {
        ThrowIfFrozen();
        if (lengthBytes < LengthBytes)
        {
            var end = Math.Min(LengthBytes, (long)_pages.Length * PageBytes);
            if (end > lengthBytes)
                ClearFrom(lengthBytes, end);
        }

        LengthBytes = lengthBytes;
    }

    /// <summary>Whether the page of a position was written.</summary>
    public bool HasPage(long position) =>
        position / PageBytes < _pages.Length && _pages[position / PageBytes] is not null;

    /// <summary>Whether a page holds the same bytes in both.</summary>
    public bool SamePage(PagedImage other, int page)
    {
        var mine = page < _pages.Length ? _pages[page] : null;
        var its = page < other._pages.Length ? other._pages[page] : null;
        return ReferenceEquals(mine, its) || (mine ?? ZeroPage).AsSpan().SequenceEqual(its ?? ZeroPage);
    }

    private static readonly byte[] ZeroPage = new byte[PageBytes];

    private static (int Page, int From, int Size) Piece(long position, long left)
    {
        var from = (int)(position % PageBytes);
        return ((int)(position / PageBytes), from, (int)Math.Min(left, PageBytes - from));
    }

    private void ClearFrom(long position, long end)
    {
        while (position < end)
        {
            var (page, from, size) = Piece(position, end - position);
            if (from == 0)
                (_pages[page], _isOwned[page]) = (null, false);
            else if (_pages[page] is not null)
                Own(page).AsSpan(from, size).Clear();
            position += size;
        }
    }

    private void Extend(long endBytes)
    {
        ThrowIfFrozen();
        var pages = (int)((endBytes + PageBytes - 1) / PageBytes);
        if (pages > _pages.Length)
        {
            Array.Resize(ref _pages, pages);
            Array.Resize(ref _isOwned, pages);
        }

        LengthBytes = Math.Max(LengthBytes, endBytes);
    }

    private byte[] Own(int page)
    {
        if (!_isOwned[page])
        {
            _pages[page] = _pages[page] is { } shared ? (byte[])shared.Clone() : new byte[PageBytes];
            _isOwned[page] = true;
        }

        return _pages[page]!;
    }

    private void ThrowIfFrozen()
    {
        if (_isFrozen)
            throw new InvalidOperationException("a frozen image is never written");
    }
}
