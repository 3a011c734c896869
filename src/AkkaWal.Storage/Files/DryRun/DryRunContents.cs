namespace AkkaWal.Storage.Files.DryRun;

/// <summary>
/// The bytes of a file of <see cref="DryRunFiles"/>: pages that were written, over the start of a file below, over
/// zeros. From any thread.
/// </summary>
/// <param name="room">The bound of what all files of the dry run hold.</param>
/// <param name="below">The file system with the file below.</param>
/// <param name="path">The path of the file below.</param>
/// <param name="lengthBytes">How many bytes of the file below are the start of this one.</param>
internal sealed class DryRunContents(DryRunRoom room, IWalFileSystem below, string path, long lengthBytes)
{
    private const int PageBytes = 16 << 10;

    private readonly Lock _gate = new();
    private Dictionary<long, byte[]> _pages = [];
    private string _path = path;
    private long _belowBytes = lengthBytes, _lengthBytes = lengthBytes;

    internal long LengthBytes => Interlocked.Read(ref _lengthBytes);

    internal int Read(long position, Span<byte> buffer)
    {
        lock (_gate)
        {
            var count = (int)Math.Clamp(_lengthBytes - position, 0, buffer.Length);
            ReadBelow(position, buffer[..count]);
            foreach (var part in PartsOf(position, count))
                if (_pages.TryGetValue(part.Page, out var page))
                    page.AsSpan(part.InPage, part.Count).CopyTo(buffer[part.Done..]);
            return count;
        }
    }

    /// <exception cref="WalIOException">The dry run holds too much already; a part may be written.</exception>
    internal void Write(long position, ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            foreach (var part in PartsOf(position, bytes.Length))
            {
                if (!_pages.TryGetValue(part.Page, out var page))
                {
                    room.Reserve(_path, PageBytes);
                    page = new byte[PageBytes];
                    ReadBelow(part.Page * PageBytes, page);
                    _pages.Add(part.Page, page);
                }
                bytes.Slice(part.Done, part.Count).CopyTo(page.AsSpan(part.InPage));
                _lengthBytes = Math.Max(_lengthBytes, position + part.Done + part.Count);
            }
        }
    }

    internal void SetLength(long lengthBytes)
    {
        lock (_gate)
        {
            _belowBytes = Math.Min(_belowBytes, lengthBytes);
            _lengthBytes = lengthBytes;
            // What is cut off must not show again where the file grows later.
            foreach (var (number, page) in _pages.ToList())
            {
                var kept = (int)Math.Clamp(lengthBytes - number * PageBytes, 0, PageBytes);
                page.AsSpan(kept).Clear();
                if (kept == 0 && _pages.Remove(number)) room.Release(PageBytes);
            }
        }
    }

    /// <summary>Makes an empty file a copy of this one. What lies below is not held a second time.</summary>
    internal void CopyTo(DryRunContents copy, long sizeBytes)
    {
        lock (_gate)
        {
            room.Reserve(_path, (long)_pages.Count * PageBytes);
            copy._pages = _pages.ToDictionary(pair => pair.Key, pair => pair.Value.ToArray());
            (copy._path, copy._belowBytes, copy._lengthBytes) = (_path, _belowBytes, _lengthBytes);
        }
        if (sizeBytes < copy.LengthBytes) copy.SetLength(sizeBytes);
    }

    /// <summary>Gives the room back: the file has no name any more. It can still be read.</summary>
    internal void LetGo()
    {
        lock (_gate) room.Release((long)_pages.Count * PageBytes);
    }

    private void ReadBelow(long position, Span<byte> buffer)
    {
        buffer.Clear();
        var count = (int)Math.Clamp(_belowBytes - position, 0, buffer.Length);
        if (count == 0) return;
        using var file = below.Open(_path, FileAccessMode.Read);
        file.Read(position, buffer[..count]);
    }

    private static IEnumerable<(long Page, int InPage, int Done, int Count)> PartsOf(long position, int count)
    {
        for (var done = 0; done < count;)
        {
            var (page, inPage) = Math.DivRem(position + done, PageBytes);
            var size = Math.Min(PageBytes - (int)inPage, count - done);
            yield return (page, (int)inPage, done, size);
            done += size;
        }
    }
}
