using System.Globalization;
using AkkaWal.Storage.Files;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Storage.Recovery;

/// <summary>
/// The folder <c>set-aside/</c> of a log: what a recovery cut, and files that the log does not use. What an opening
/// puts there is bounded: of cut tails the oldest go, with a note; a file that would not fit stays where it is, with a
/// note. Folders in it are those of repairs, and no opening touches them.
/// </summary>
/// <param name="store">The log.</param>
/// <param name="note">Told of each thing that is put there, once, and of each that can't be.</param>
internal sealed class SetAside(SegmentStore store, Action<string> note)
{
    /// <summary>So many files are kept, folders aside.</summary>
    internal const int MaxFiles = 64;

    /// <summary>So many bytes of files are kept, folders aside; the last file may exceed them alone.</summary>
    internal const long MaxBytes = 1L << 30;

    private const string TornSuffix = ".torn";

    private readonly string _directory = store.PathOf(SegmentName.SetAside);

    /// <summary>
    /// Keeps a copy of the end of a file that is about to be cut. Named by what it holds, so that an opening that fails
    /// later and is tried again makes no second copy and tells no second time.
    /// </summary>
    /// <returns>Where the copy is; it is on the disk.</returns>
    /// <exception cref="WalIOException">
    /// It could not be made; nothing of it is left but what the next try writes over.
    /// </exception>
    internal string KeepTail(IWalFile log, long position, long sizeBytes)
    {
        store.Files.CreateDirectory(_directory);
        var checksum = ChecksumOf(log, position, sizeBytes);
        var name = FormattableString.Invariant($"{Path.GetFileName(log.Path)}.{position}.{checksum:x8}{TornSuffix}");
        var path = PathOf(name);
        // A copy has its name once it is whole and synced; the name itself may not be on the disk yet.
        var isNew = store.Files.Stat(path)?.LengthBytes != sizeBytes;
        if (isNew)
        {
            Copy(log, position, sizeBytes, path);
            // Before anything else can fail: whoever finds the copy there says nothing.
            note($"{log.Path}: {sizeBytes} bytes of an unfinished commit at position {position} are cut, kept as {path}");
        }
        store.Files.SyncDirectory(_directory);
        if (isNew) TryLetGoOfOldTails(name);
        return path;
    }

    /// <summary>
    /// Moves files there that the log does not use; one that can't be moved stays where it is. Never fails.
    /// </summary>
    /// <param name="files">Names in the log's directory, and why each is not used.</param>
    internal void Move(IReadOnlyList<(string Name, string Why)> files)
    {
        if (files.Count == 0) return;
        try
        {
            store.Files.CreateDirectory(_directory);
            var there = Kept();
            var (count, bytes) = (there.Count, there.Sum(file => file.LengthBytes));
            foreach (var (name, why) in files)
            {
                var size = store.Files.Stat(store.PathOf(name))?.LengthBytes ?? 0;
                if (count >= MaxFiles || (count > 0 && bytes + size > MaxBytes))
                {
                    note($"{store.PathOf(name)} is {why}: it is not used, and stays there: {_directory} is full");
                    continue;
                }
                (count, bytes) = (count + 1, bytes + size);
                var path = FreePathFor(name);
                store.Files.Rename(store.PathOf(name), path);
                note($"{store.PathOf(name)} is {why}: it is not used, and was moved to {path}");
            }
            store.Files.SyncDirectory(_directory);
            store.Files.SyncDirectory(store.Directory);
        }
        catch (WalIOException e)
        {
            note($"not all files that the log does not use could be set aside: {e.Message}; they stay where they are");
        }
    }

    private void Copy(IWalFile log, long position, long sizeBytes, string path)
    {
        var temporary = path + WholeFile.TemporarySuffix;
        try
        {
            using (var copy = store.Files.Open(temporary, FileAccessMode.CreateOrTruncate))
            {
                log.CopyTo(copy, position, sizeBytes);
                copy.Sync();
            }
            store.Files.Rename(temporary, path);
        }
        catch (WalIOException e) when (e.IsOutOfSpace)
        {
            // What there was of it takes the room that the next try needs.
            store.Files.TryDelete(temporary);
            throw;
        }
    }

    // What is there too much keeps no log from being opened.
    private void TryLetGoOfOldTails(string newest)
    {
        try
        {
            LetGoOfOldTails(newest);
        }
        catch (WalIOException e)
        {
            note($"{_directory} was not made smaller: {e.Message}");
        }
    }

    // Names begin with the segment and the position, so that their order is that of the log.
    private void LetGoOfOldTails(string newest)
    {
        var tails = Kept().Where(file => file.Name.EndsWith(TornSuffix, StringComparison.Ordinal))
            .OrderBy(file => OrderOf(file.Name)).ToList();
        var (count, bytes) = (tails.Count, tails.Sum(file => file.LengthBytes));
        foreach (var tail in tails)
        {
            if (count <= MaxFiles && bytes <= MaxBytes) return;
            if (tail.Name == newest) continue;
            (count, bytes) = (count - 1, bytes - tail.LengthBytes);
            var failure = store.Files.TryDelete(PathOf(tail.Name));
            note(failure?.Message
                ?? $"{PathOf(tail.Name)} was removed: {MaxFiles} cut tails and {MaxBytes} bytes of them are kept");
        }
    }

    private static (long BaseOffset, long Position) OrderOf(string name)
    {
        var parts = name.Split('.');
        return (NumberIn(parts, 0), NumberIn(parts, 2));
    }

    private static long NumberIn(string[] parts, int index) => index >= parts.Length ? 0
        : long.TryParse(parts[index], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private List<WalDirectoryEntry> Kept() =>
        [.. store.Files.List(_directory).Where(entry => entry.Kind == WalEntryKind.File)
            .Select(entry => store.Files.Stat(PathOf(entry.Name))).OfType<WalDirectoryEntry>()];

    private string FreePathFor(string name)
    {
        var path = PathOf(name);
        for (var i = 2; store.Files.Stat(path) is not null; i++) path = PathOf($"{name}.{i}");
        return path;
    }

    private string PathOf(string name) => Path.Combine(_directory, name);

    private static uint ChecksumOf(IWalFile file, long position, long sizeBytes)
    {
        var buffer = new byte[(int)Math.Min(sizeBytes, 1 << 20)];
        var state = Crc32C.Seed;
        for (long done = 0; done < sizeBytes;)
        {
            var count = file.Read(position + done, buffer.AsSpan(0, (int)Math.Min(buffer.Length, sizeBytes - done)));
            if (count == 0) break;
            state = Crc32C.Step(state, buffer.AsSpan(0, count));
            done += count;
        }
        return ~state;
    }
}
