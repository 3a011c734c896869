using AkkaWal.Storage.Format;

namespace AkkaWal.Storage.IO;

/// <summary>
/// An archive that is a directory, of another file system perhaps. Each log has a directory of its own in it, named by its id in 32
/// hexadecimal digits; the files keep their names.
/// </summary>
/// <param name="files">The file system.</param>
/// <param name="directory">An absolute path; made when it is first needed.</param>
public sealed class DirectoryArchive(IWalFileSystem files, string directory) : ISegmentArchive
{
    private const int CopyBytes = 1 << 20;

    /// <inheritdoc/>
    public void Prepare(Guid logId)
    {
        files.CreateDirectory(DirectoryOf(logId));
        // What is there may have been made by somebody who failed to sync it, and originals will go.
        using var place = files.OpenDirectory(DirectoryOf(logId));
        place.SyncNames();
    }

    /// <inheritdoc/>
    public void Store(Guid logId, string name, IWalFile source)
    {
        ArgumentNullException.ThrowIfNull(source);
        ThrowIfOutOfReach(logId);
        var path = Describe(logId, name);
        var temporary = path + WholeFile.TemporarySuffix;
        var (lengthBytes, checksum) = Copy(source, temporary);
        using (var copy = files.Open(temporary, FileAccessMode.Read))
        {
            var found = ChecksumOf(copy);
            if (copy.LengthBytes != lengthBytes || found != checksum)
                throw new WalIOException("verify", temporary, false, $"expected {lengthBytes} bytes with the checksum {checksum:x8}, found {copy.LengthBytes} with {found:x8}");
        }
        files.Rename(temporary, path);
        TryMakeReadOnly(path);
        files.SyncDirectory(DirectoryOf(logId));
    }

    /// <inheritdoc/>
    public IWalFile Open(Guid logId, string name)
    {
        ThrowIfOutOfReach(logId);
        var path = Describe(logId, name);
        if (files.Stat(path) is null) throw new WalAbsentException(path, "an archived file");
        return new ReopeningFile(files, path);
    }

    /// <inheritdoc/>
    public void Delete(Guid logId, IReadOnlyCollection<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        ThrowIfOutOfReach(logId);
        foreach (var path in names.SelectMany(name => new[] { Describe(logId, name), Describe(logId, name) + WholeFile.TemporarySuffix }))
            if (files.Stat(path) is not null) files.Delete(path);
        // Also what an earlier try removed may not be on the disk yet.
        files.SyncDirectory(DirectoryOf(logId));
    }

    /// <inheritdoc/>
    public string Describe(Guid logId, string name) => Path.Combine(DirectoryOf(logId), name);

    private string DirectoryOf(Guid logId) => Path.Combine(directory, logId.ToString("N"));

    private void ThrowIfOutOfReach(Guid logId)
    {
        if (files.Stat(DirectoryOf(logId)) is not { Kind: WalEntryKind.Directory })
            throw new WalIOException("reach", DirectoryOf(logId), false, "the archive is not there");
    }

    // A file system that has no permissions keeps files all the same.
    private void TryMakeReadOnly(string path)
    {
        try
        {
            files.MakeReadOnly(path);
        }
        catch (WalIOException)
        {
        }
    }

    private (long LengthBytes, uint Checksum) Copy(IWalFile source, string path)
    {
        using var target = files.Open(path, FileAccessMode.CreateOrTruncate);
        var buffer = new byte[CopyBytes];
        var state = Crc32C.Seed;
        long position = 0;
        for (int count; (count = source.Read(position, buffer)) > 0; position += count)
        {
            target.Write(position, buffer.AsSpan(0, count));
            state = Crc32C.Step(state, buffer.AsSpan(0, count));
        }
        target.Sync();
        return (position, ~state);
    }

    private static uint ChecksumOf(IWalFile file)
    {
        var buffer = new byte[CopyBytes];
        var state = Crc32C.Seed;
        long position = 0;
        for (int count; (count = file.Read(position, buffer)) > 0; position += count) state = Crc32C.Step(state, buffer.AsSpan(0, count));
        return ~state;
    }
}
