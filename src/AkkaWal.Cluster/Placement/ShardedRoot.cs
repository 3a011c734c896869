using System.Text;
using AkkaWal.Storage;
using AkkaWal.Storage.Files;

namespace AkkaWal.Cluster.Placement;

/// <summary>
/// The directory that has the directories of all logs of a region. A marker file in it says whose it is, so that a root
/// that is not mounted, or belongs to another cluster or node, is not taken for an empty one. For any number of
/// threads.
/// </summary>
/// <param name="files">The file system.</param>
/// <param name="path">An absolute path.</param>
/// <param name="owner">The lines of the marker: what must be the same at each start.</param>
internal sealed class ShardedRoot(IWalFileSystem files, string path, IReadOnlyList<string> owner)
{
    /// <summary>No folder of a log begins with a dot.</summary>
    internal const string MarkerName = ".akkawal-sharded";

    private const string FirstLine = "akkawal-sharded 1";

    private const string FileSystemsOwn = "lost+found";

    private readonly string _marker = Path.Combine(path, MarkerName);

    private readonly string[] _lines = [FirstLine, .. owner];

    internal string Folder(string folder) => Path.Combine(path, folder);

    /// <summary>Whether there is such a folder; false where that can't be told.</summary>
    internal bool Has(string folder)
    {
        try
        {
            return files.Stat(Folder(folder)) is not null;
        }
        catch (WalIOException)
        {
            return false;
        }
    }

    /// <summary>Takes the root, or finds that it has been taken with the same words.</summary>
    /// <exception cref="WalConfigException">
    /// It is missing, not writable, another's, or has files and no marker. Nothing was created then.
    /// </exception>
    internal void Claim()
    {
        try
        {
            if (files.Stat(path) is not { Kind: WalEntryKind.Directory })
                throw Refusal("does not exist, or is no directory: create it, or mount what it stands for");
            if (files.Stat(_marker) is null) Mark();
            else ThrowUnlessWritable();
        }
        catch (WalIOException e)
        {
            throw new WalConfigException($"the root {path} of sharded logs can't be used: {e.Message}", e);
        }
        if (WhyNotUsable() is { } why) throw new WalConfigException(why);
    }

    /// <summary>Why no log may be opened in it now; null where one may.</summary>
    internal string? WhyNotUsable()
    {
        try
        {
            var found = Encoding.UTF8.GetString(files.ReadWhole(_marker)).Split('\n');
            for (var i = 0; i < _lines.Length; i++)
                if (i >= found.Length || found[i] != _lines[i])
                    return $"the root {path} belongs to others: {MarkerName} says "
                        + $"'{(i < found.Length ? found[i] : "")}', and this node wants '{_lines[i]}'";
            return null;
        }
        catch (WalIOException e)
        {
            return $"the root {path} has no marker that can be read, perhaps it is not mounted: {e.Message}";
        }
    }

    private void Mark()
    {
        if (files.List(path).FirstOrDefault(entry => !IsExpected(entry.Name)) is { Name: { } foreign })
            throw Refusal($"has '{foreign}' and no {MarkerName}: it must be empty, or the root of this cluster's logs");
        // Nodes may do this at the same time: each has a file of its own, and what one writes the others would write.
        var prepared = $"{_marker}-{Guid.NewGuid():N}";
        using (var file = files.Open(prepared, FileAccessMode.CreateNew))
            WholeFile.Fill(file, Encoding.UTF8.GetBytes(string.Join('\n', _lines) + "\n"));
        files.Rename(prepared, _marker);
        try
        {
            files.SyncDirectory(path);
        }
        catch (WalIOException e) when (e.Cause == WalIOCause.NotSupported)
        {
            // A power cut may take the marker away from an empty root: the next start makes it again.
        }
    }

    private void ThrowUnlessWritable()
    {
        var probe = $"{_marker}-{Guid.NewGuid():N}";
        files.Open(probe, FileAccessMode.CreateNew).Dispose();
        files.Delete(probe);
    }

    private static bool IsExpected(string name) =>
        name == FileSystemsOwn || name.StartsWith(MarkerName, StringComparison.Ordinal);

    private WalConfigException Refusal(string why) => new($"the root {path} of sharded logs {why}");
}
