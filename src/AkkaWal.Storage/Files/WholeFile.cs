namespace AkkaWal.Storage.Files;

/// <summary>A file that can copy its bytes without reading them.</summary>
internal interface ICopyableFile
{
    /// <summary>Copies the file's first bytes to an empty file. False if that one is not of its kind.</summary>
    bool TryCopyTo(IWalFile to, long sizeBytes);
}

/// <summary>Files that are written or read as a whole.</summary>
internal static class WholeFile
{
    /// <summary>The end of the name of a file that is prepared and not yet part of the log.</summary>
    internal const string TemporarySuffix = ".tmp";

    private const int CopyBytes = 1 << 20;

    /// <summary>
    /// Replaces a file so that a crash leaves the old one or the new one: temporary file, sync, rename. The name is
    /// durable only once the caller has synced the directory.
    /// </summary>
    internal static void WriteWhole(this IWalFileSystem files, string path, byte[] bytes)
    {
        files.Rename(files.PrepareWhole(path, bytes), path);
    }

    /// <summary>The first half of <see cref="WriteWhole"/>: writes and syncs the temporary file.</summary>
    /// <returns>The temporary file's path, to be renamed.</returns>
    internal static string PrepareWhole(this IWalFileSystem files, string path, byte[] bytes)
    {
        var temporary = path + TemporarySuffix;
        using var file = files.Open(temporary, FileAccessMode.CreateOrTruncate);
        Fill(file, bytes);
        return temporary;
    }

    /// <summary>Writes the contents of an empty file, and returns when they are on the disk.</summary>
    internal static void Fill(IWalFile file, byte[] bytes)
    {
        file.Write(0, bytes);
        file.Sync();
    }

    /// <summary>Removes a file that is not needed any more, if it exists.</summary>
    /// <returns>Why it was not removed; null where it is gone.</returns>
    internal static WalIOException? TryDelete(this IWalFileSystem files, string path)
    {
        try
        {
            if (files.Stat(path) is not null) files.Delete(path);
            return null;
        }
        catch (WalIOException e)
        {
            return e;
        }
    }

    /// <summary>The bytes of a file, which must be smaller than 2 GiB.</summary>
    internal static byte[] ReadWhole(this IWalFileSystem files, string path)
    {
        using var file = files.Open(path, FileAccessMode.Read);
        var bytes = new byte[checked((int)file.LengthBytes)];
        var count = file.Read(0, bytes);
        return count == bytes.Length ? bytes : bytes[..count];
    }

    /// <summary>Copies a file and returns when the copy and its name are on the disk.</summary>
    internal static void Copy(this IWalFileSystem files, string path, string newPath)
    {
        using (var from = files.Open(path, FileAccessMode.Read))
        using (var to = files.Open(newPath, FileAccessMode.CreateOrTruncate))
        {
            from.CopyTo(to, 0, from.LengthBytes);
            to.Sync();
        }
        files.SyncDirectory(Path.GetDirectoryName(newPath)!);
    }

    /// <summary>Whether two files hold the same bytes in a range, which both have.</summary>
    internal static bool HasSameBytesAs(this IWalFile one, IWalFile other, long position, long end) =>
        one.FirstDifference(other, position, end) < 0;

    /// <summary>
    /// The first position in a range at which two files differ or one of them has ended; -1 without one.
    /// </summary>
    internal static long FirstDifference(this IWalFile one, IWalFile other, long position, long end)
    {
        var size = (int)Math.Clamp(end - position, 1, CopyBytes);
        var (bytes, otherBytes) = (new byte[size], new byte[size]);
        while (position < end)
        {
            var wanted = (int)Math.Min(size, end - position);
            var read = bytes.AsSpan(0, one.Read(position, bytes.AsSpan(0, wanted)));
            var same = read.CommonPrefixLength(
                otherBytes.AsSpan(0, other.Read(position, otherBytes.AsSpan(0, wanted))));
            if (same < wanted) return position + same;
            position += wanted;
        }
        return -1;
    }

    /// <summary>
    /// Copies a range of one file to the start of another; less where the file ends before the range does.
    /// </summary>
    /// <param name="from">The file to read.</param>
    /// <param name="to">The file to write.</param>
    /// <param name="position">The start of the range.</param>
    /// <param name="sizeBytes">The size of the range.</param>
    /// <param name="copied">Takes the size of each part that was copied. An exception from it ends the copy.</param>
    internal static void CopyTo(
        this IWalFile from, IWalFile to, long position, long sizeBytes, Action<int>? copied = null)
    {
        if (position == 0 && from is ICopyableFile own && own.TryCopyTo(to, sizeBytes)) return;
        var buffer = new byte[(int)Math.Clamp(sizeBytes, 1, CopyBytes)];
        for (long done = 0; done < sizeBytes;)
        {
            var count = from.Read(position + done, buffer.AsSpan(0, (int)Math.Min(buffer.Length, sizeBytes - done)));
            if (count == 0) return;
            to.Write(done, buffer.AsSpan(0, count));
            done += count;
            copied?.Invoke(count);
        }
    }
}
