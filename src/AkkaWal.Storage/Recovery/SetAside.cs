using System.Globalization;
using AkkaWal.Storage.Files;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Segments;

namespace AkkaWal.Storage.Recovery;

/// <summary>
/// The folder <c>set-aside/</c> of a log: copies of tails that a recovery cut, and files that the log does not use.
/// What openings put there is bounded. Of the cut tails the oldest are removed, with a note; a file for which there is
/// no room stays where it is, with a note. Folders in it belong to repairs, and no opening touches them.
/// </summary>
/// <param name="segmentFiles">The log.</param>
/// <param name="note">Takes a line for each file that is put there, removed, or can't be moved.</param>
internal sealed class SetAside(SegmentFiles segmentFiles, Action<string> note)
{
    /// <summary>How many files are kept. Folders do not count.</summary>
    internal const int MaxFiles = 64;

    /// <summary>How many bytes of files are kept. Folders do not count, and one file alone may be larger.</summary>
    internal const long MaxBytes = 1L << 30;

    private const string TornSuffix = ".torn";

    private readonly string _directory = segmentFiles.PathOf(SegmentName.SetAside);

    /// <summary>
    /// Keeps a copy of the end of a file that is about to be cut. The copy's name says what it holds: where the opening
    /// fails later and is tried again, there is no second copy and no second note.
    /// </summary>
    /// <returns>The path of the copy, which is on the disk.</returns>
    /// <exception cref="WalIOException">
    /// The copy could not be made. The next try overwrites what is left of it.
    /// </exception>
    internal string KeepTail(IWalFile log, long position, long sizeBytes)
    {
        segmentFiles.Disk.CreateDirectory(_directory);
        var checksum = ChecksumOf(log, position, sizeBytes);
        var name = FormattableString.Invariant($"{Path.GetFileName(log.Path)}.{position}.{checksum:x8}{TornSuffix}");
        var path = PathOf(name);
        // A copy gets its name once it is whole and synced, but the name itself may not be synced yet.
        var isNew = segmentFiles.Disk.Stat(path)?.LengthBytes != sizeBytes;
        if (isNew)
        {
            Copy(log, position, sizeBytes, path);
            // Right after the copy: a later try that finds it there writes no note.
            note($"{log.Path}: {sizeBytes} bytes of an unfinished commit at position {position} are cut, "
                + $"kept as {path}");
        }
        segmentFiles.Disk.SyncDirectory(_directory);
        if (isNew) TryLetGoOfOldTails(name);
        return path;
    }

    /// <summary>
    /// Moves files there that the log does not use. A file that can't be moved stays where it is, with a note.
    /// </summary>
    /// <param name="files">Names in the log's directory, and for each why it is not used.</param>
    /// <returns>The names of the files that may have stayed.</returns>
    internal IReadOnlyList<string> Move(IReadOnlyList<(string Name, string Why)> files)
    {
        var stayed = files.Select(file => file.Name).ToList();
        if (files.Count == 0) return stayed;
        try
        {
            segmentFiles.Disk.CreateDirectory(_directory);
            var there = Kept();
            var (count, bytes) = (there.Count, there.Sum(file => file.LengthBytes));
            foreach (var (name, why) in files)
            {
                var size = segmentFiles.Disk.Stat(segmentFiles.PathOf(name))?.LengthBytes ?? 0;
                if (count >= MaxFiles || (count > 0 && bytes + size > MaxBytes))
                {
                    note(
                        $"{segmentFiles.PathOf(name)} is {why}: it is not used, and stays there: {_directory} is full");
                    continue;
                }
                (count, bytes) = (count + 1, bytes + size);
                var path = FreePathFor(name);
                segmentFiles.Disk.Rename(segmentFiles.PathOf(name), path);
                stayed.Remove(name);
                note($"{segmentFiles.PathOf(name)} is {why}: it is not used, and was moved to {path}");
            }
            segmentFiles.Disk.SyncDirectory(_directory);
            segmentFiles.Disk.SyncDirectory(segmentFiles.Directory);
        }
        catch (WalIOException e)
        {
            note($"not all files that the log does not use could be set aside: {e.Message}; they stay where they are");
        }
        return stayed;
    }

    private void Copy(IWalFile log, long position, long sizeBytes, string path)
    {
        var temporary = path + WholeFile.TemporarySuffix;
        try
        {
            using (var copy = segmentFiles.Disk.Open(temporary, FileAccessMode.CreateOrTruncate))
            {
                log.CopyTo(copy, position, sizeBytes);
                copy.Sync();
            }
            segmentFiles.Disk.Rename(temporary, path);
        }
        catch (WalIOException e) when (e.IsOutOfSpace)
        {
            // Frees the room that the next try needs.
            segmentFiles.Disk.TryDelete(temporary);
            throw;
        }
    }

    // A folder that is too full must not keep the log from being opened.
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

    // The oldest are those that come first in the log: their names begin with the segment and the position.
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
            var failure = segmentFiles.Disk.TryDelete(PathOf(tail.Name));
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
        [.. segmentFiles.Disk.List(_directory).Where(entry => entry.Kind == WalEntryKind.File)
            .Select(entry => segmentFiles.Disk.Stat(PathOf(entry.Name))).OfType<WalDirectoryEntry>()];

    private string FreePathFor(string name)
    {
        var path = PathOf(name);
        for (var i = 2; segmentFiles.Disk.Stat(path) is not null; i++) path = PathOf($"{name}.{i}");
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
