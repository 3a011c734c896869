namespace AkkaWal.Storage.Files;

/// <summary>Files that are written or read at once.</summary>
internal static class WholeFile
{
    /// <summary>What the name of a file ends in that is prepared and not yet part of the log.</summary>
    internal const string TemporarySuffix = ".tmp";

    private const int CopyBytes = 1 << 20;

    /// <summary>Puts a file in place, over an older one, so that a crash leaves all of it or none: temporary file, sync, rename.
    /// The name is durable only once the directory is synced, which is left to the caller.</summary>
    internal static void WriteWhole(this IWalFileSystem files, string path, byte[] bytes)
    {
        files.Rename(files.PrepareWhole(path, bytes), path);
    }

    /// <summary>The first half of <see cref="WriteWhole"/>: what has not been renamed has not happened.</summary>
    /// <returns>The temporary file's path; it is synced.</returns>
    internal static string PrepareWhole(this IWalFileSystem files, string path, byte[] bytes)
    {
        var temporary = path + TemporarySuffix;
        using var file = files.Open(temporary, FileAccessMode.CreateOrTruncate);
        Fill(file, bytes);
        return temporary;
    }

    /// <summary>Writes the whole of an empty file, and returns when it is on the disk.</summary>
    internal static void Fill(IWalFile file, byte[] bytes)
    {
        file.Write(0, bytes);
        file.Sync();
    }

    /// <summary>Removes a file that nothing needs any more, where it is there.</summary>
    /// <returns>Why it could not; null where it is gone.</returns>
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

    /// <summary>A file's bytes, which must be fewer than 2 GiB.</summary>
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

    /// <summary>Copies a stretch of one file to the start of another, or less where the file ends before.</summary>
    /// <param name="from">The file to read.</param>
    /// <param name="to">The file to write.</param>
    /// <param name="position">Where the stretch starts.</param>
    /// <param name="sizeBytes">How long it is.</param>
    /// <param name="copied">Told of each part how many bytes it has; what it throws ends the copy.</param>
    internal static void CopyTo(
        this IWalFile from, IWalFile to, long position, long sizeBytes, Action<int>? copied = null)
    {
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
