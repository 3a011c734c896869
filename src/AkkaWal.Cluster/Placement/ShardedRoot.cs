using System.Text;
using AkkaWal.Storage;
using AkkaWal.Storage.Files;

namespace AkkaWal.Cluster.Placement;

/// <summary>
/// The directory that holds the directories of all logs of a region. A marker file in it says to whom it belongs. So a
/// root that is not mounted, or belongs to another cluster or node, is not mistaken for an empty one. For any number of
/// threads.
/// </summary>
/// <param name="files">The file system.</param>
/// <param name="path">An absolute path.</param>
/// <param name="owner">The lines of the marker, which must be the same at each start.</param>
internal sealed class ShardedRoot(IWalFileSystem files, string path, IReadOnlyList<string> owner)
{
    /// <summary>The name of the marker file. The folders of logs do not begin with a dot.</summary>
    internal const string MarkerName = ".akkawal-sharded";

    private const string FirstLine = "akkawal-sharded 1";

    // Some file systems create it in their root directory.
    private const string LostAndFound = "lost+found";

    private readonly string _marker = Path.Combine(path, MarkerName);

    private readonly string[] _lines = [FirstLine, .. owner];

    /// <summary>The path of a log's directory.</summary>
    internal string Folder(string folder) => Path.Combine(path, folder);

    /// <summary>Whether there is such a folder; false if the file system fails.</summary>
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

    /// <summary>Checks the marker of a root. Writes one into a new root.</summary>
    /// <param name="mayInitialize">Whether an empty root is a new one.</param>
    /// <exception cref="WalConfigException">
    /// The root is missing, not writable, belongs to others, or has no marker and is not new or not empty. Nothing was
    /// created.
    /// </exception>
    internal void Claim(bool mayInitialize)
    {
        try
        {
            if (files.Stat(path) is not { Kind: WalEntryKind.Directory })
                throw Refusal("does not exist, or is no directory: create it, or mount what it stands for");
            if (files.Stat(_marker) is null) Initialize(mayInitialize);
            else ThrowUnlessWritable();
        }
        catch (WalIOException e)
        {
            throw new WalConfigException($"the root {path} of sharded logs can't be used: {e.Message}", e);
        }
        if (WhyNotUsable() is { } why) throw new WalConfigException(why);
    }

    /// <summary>Why no log may be opened below the root now; null if one may.</summary>
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

    private void Initialize(bool mayInitialize)
    {
        if (files.List(path).FirstOrDefault(entry => !IsExpected(entry.Name)) is { Name: { } foreign })
            throw Refusal($"has '{foreign}' and no {MarkerName}: it must be empty, or the root of this cluster's logs");
        // The empty directory below a file system that is not mounted looks like a new root.
        if (!mayInitialize)
            throw Refusal($"is empty and has no {MarkerName}: mount what it stands for, or set InitializeRoot for its "
                + "first start if it is new");
        // Several nodes may do this at the same time. Each writes a file of its own, and all write the same.
        var prepared = $"{_marker}-{Guid.NewGuid():N}";
        try
        {
            using (var file = files.Open(prepared, FileAccessMode.CreateNew))
                WholeFile.Fill(file, Encoding.UTF8.GetBytes(string.Join('\n', _lines) + "\n"));
            files.Rename(prepared, _marker);
        }
        catch (WalIOException)
        {
            files.TryDelete(prepared);
            throw;
        }
        try
        {
            files.SyncDirectory(path);
        }
        catch (WalIOException e) when (e.Cause == WalIOCause.NotSupported)
        {
            // After a power cut the marker may be missing. An empty root is then initialized once more.
        }
    }

    private void ThrowUnlessWritable()
    {
        var probe = $"{_marker}-{Guid.NewGuid():N}";
        files.Open(probe, FileAccessMode.CreateNew).Dispose();
        files.Delete(probe);
    }

    private static bool IsExpected(string name) =>
        name == LostAndFound || name.StartsWith(MarkerName, StringComparison.Ordinal);

    private WalConfigException Refusal(string why) => new($"the root {path} of sharded logs {why}");
}
