using System.Text;
using AkkaWal.Storage.Files;
using AkkaWal.Storage.Files.Wrappers;
using AkkaWal.Storage.Format;

namespace AkkaWal.Storage;

/// <summary>
/// An archive that is a directory, perhaps on another file system. Each place is a directory in it, named by its id as
/// 32 hexadecimal digits. A file <c>OWNER</c> in it names the place's owner; the files of segments keep their names.
/// </summary>
/// <param name="files">The file system.</param>
/// <param name="directory">An absolute path. It is created when it is first needed.</param>
public sealed class DirectoryArchive(IWalFileSystem files, string directory) : ISegmentArchive
{
    /// <summary>The operation in errors that say that the archive, or the place in it, is not there.</summary>
    internal const string ReachOperation = "reach";

    private const string OwnerName = "OWNER";
    private const int CopyBytes = 1 << 20, MaxOwnerBytes = 1 << 16, IdDigits = 32;

    /// <inheritdoc/>
    public Guid Claim(Guid place, Guid owner, string description)
    {
        files.CreateDirectory(DirectoryOf(place));
        using var at = Reach(place);
        // An earlier owner may have failed to sync these names. The segments' originals are deleted later, so sync now.
        at.SyncNames();
        if (OwnerIn(at) is { } found) return found;
        IWalFile file;
        try
        {
            file = at.Open(Path.Combine(at.Path, OwnerName), FileAccessMode.CreateNew);
        }
        catch (WalIOException) when (OwnerIn(at) is not null)
        {
            // Another log was faster, and may not have written its id yet.
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
            // An incomplete OWNER would keep every log from this place for ever.
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
        at.SyncDirectory(at.Path);
        // Once the name is on the disk: no try could write to a temporary file that is read-only.
        TryMakeReadOnly(at, path);
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
        // Names that an earlier call removed may not be synced yet.
        at.SyncDirectory(at.Path);
    }

    /// <inheritdoc/>
    public string Describe(Guid place, string name) => Path.Combine(DirectoryOf(place), name);

    private string DirectoryOf(Guid place) => Path.Combine(directory, place.ToString("N"));

    // Opens the place through the archive's open directory, so that a symbolic link is not followed.
    private IWalDirectory Reach(Guid place)
    {
        if (files.Stat(directory) is null) throw OutOfReach(place);
        using var root = files.OpenDirectory(directory);
        if (root.Stat(DirectoryOf(place)) is not { Kind: WalEntryKind.Directory }) throw OutOfReach(place);
        return root.OpenDirectory(DirectoryOf(place));
    }

    // Some file systems have no permissions; the archive works without.
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
        new(ReachOperation, DirectoryOf(place), false, "the archive is not there");

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
