using System.Text;
using AkkaWal.Storage.Files;
using AkkaWal.Storage.Format;

namespace AkkaWal.Storage;

/// <summary>
/// An archive that is a directory, of another file system perhaps. Each place is a directory in it, named by its id in
/// 32 hexadecimal digits, with a file <c>OWNER</c> that says whose it is; the files of segments keep their names.
/// </summary>
/// <param name="files">The file system.</param>
/// <param name="directory">An absolute path; made when it is first needed.</param>
public sealed class DirectoryArchive(IWalFileSystem files, string directory) : ISegmentArchive
{
    private const string OwnerName = "OWNER";
    private const int CopyBytes = 1 << 20, MaxOwnerBytes = 1 << 16, IdDigits = 32;

    /// <inheritdoc/>
    public Guid Claim(Guid place, Guid owner, string description)
    {
        files.CreateDirectory(DirectoryOf(place));
        using var at = Reach(place);
        // What is there may have been made by somebody who failed to sync it, and originals will go.
        at.SyncNames();
        if (OwnerIn(at) is { } found) return found;
        IWalFile file;
        try
        {
            file = at.Open(Path.Combine(at.Path, OwnerName), FileAccessMode.CreateNew);
        }
        catch (WalIOException) when (OwnerIn(at) is not null)
        {
            // Somebody else was quicker, and may not have written yet who he is.
            return OwnerIn(at) ?? Guid.Empty;
        }
        try
        {
            using (file)
            {
                file.Write(0, Encoding.UTF8.GetBytes($"{owner:N}\n{description}\n"));
                file.Sync();
            }
            at.SyncDirectory(at.Path);
            return owner;
        }
        catch (WalIOException)
        {
            // Half of it would make the place nobody's for ever.
            at.TryDelete(file.Path);
            throw;
        }
    }

    /// <inheritdoc/>
    public Guid? OwnerOf(Guid place)
    {
        using var at = Reach(place);
        return OwnerIn(at);
    }

    /// <inheritdoc/>
    public void Store(Guid place, string name, IWalFile source)
    {
        ArgumentNullException.ThrowIfNull(source);
        using var at = Reach(place);
        var path = Describe(place, name);
        var temporary = path + WholeFile.TemporarySuffix;
        var (lengthBytes, checksum) = Copy(source, at, temporary);
        using (var copy = at.Open(temporary, FileAccessMode.Read))
        {
            var found = ChecksumOf(copy);
            if (copy.LengthBytes != lengthBytes || found != checksum)
            {
                var reason = $"expected {lengthBytes} bytes with the checksum {checksum:x8}, "
                    + $"found {copy.LengthBytes} with {found:x8}";
                throw new WalIOException("verify", temporary, false, reason);
            }
        }
        at.Rename(temporary, path);
        TryMakeReadOnly(at, path);
        at.SyncDirectory(at.Path);
    }

    /// <inheritdoc/>
    public IWalFile Open(Guid place, string name) =>
        new ReopeningFile(() => OpenOnce(place, name), Describe(place, name));

    /// <inheritdoc/>
    public void Delete(Guid place, IReadOnlyCollection<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        using var at = Reach(place);
        foreach (var name in names)
        {
            var path = Describe(place, name);
            foreach (var one in new[] { path + WholeFile.TemporarySuffix, path })
                if (at.Stat(one) is not null) at.Delete(one);
        }
        // Also what an earlier try removed may not be on the disk yet.
        at.SyncDirectory(at.Path);
    }

    /// <inheritdoc/>
    public string Describe(Guid place, string name) => Path.Combine(DirectoryOf(place), name);

    private string DirectoryOf(Guid place) => Path.Combine(directory, place.ToString("N"));

    // Through the directory of the archive: a link in it leads nowhere.
    private IWalDirectory Reach(Guid place)
    {
        if (files.Stat(directory) is null) throw OutOfReach(place);
        using var root = files.OpenDirectory(directory);
        if (root.Stat(DirectoryOf(place)) is not { Kind: WalEntryKind.Directory }) throw OutOfReach(place);
        return root.OpenDirectory(DirectoryOf(place));
    }

    // A file system that has no permissions keeps files all the same.
    private static void TryMakeReadOnly(IWalDirectory at, string path)
    {
        try
        {
            at.MakeReadOnly(path);
        }
        catch (WalIOException)
        {
        }
    }

    private WalIOException OutOfReach(Guid place) =>
        new("reach", DirectoryOf(place), false, "the archive is not there");

    private IWalFile OpenOnce(Guid place, string name)
    {
        using var at = Reach(place);
        var path = Describe(place, name);
        if (at.Stat(path) is null) throw new WalAbsentException(path, "an archived file");
        return at.Open(path, FileAccessMode.Read);
    }

    private static Guid? OwnerIn(IWalDirectory at)
    {
        var path = Path.Combine(at.Path, OwnerName);
        if (at.Stat(path) is not { } entry) return null;
        if (entry.Kind != WalEntryKind.File || entry.LengthBytes > MaxOwnerBytes) return Guid.Empty;
        var text = Encoding.UTF8.GetString(at.ReadWhole(path));
        var isWhole = text.Length > IdDigits && text[IdDigits] == '\n';
        return isWhole && Guid.TryParseExact(text[..IdDigits], "N", out var owner) ? owner : Guid.Empty;
    }

    private static (long LengthBytes, uint Checksum) Copy(IWalFile source, IWalDirectory at, string path)
    {
        using var target = at.Open(path, FileAccessMode.CreateOrTruncate);
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
        for (int count; (count = file.Read(position, buffer)) > 0; position += count)
            state = Crc32C.Step(state, buffer.AsSpan(0, count));
        return ~state;
    }
}
