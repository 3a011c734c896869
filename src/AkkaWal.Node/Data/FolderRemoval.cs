using AkkaWal.Storage;
using AkkaWal.Storage.Files;

namespace AkkaWal.Node.Data;

/// <summary>Removes folders with their contents. No link is followed.</summary>
internal static class FolderRemoval
{
    /// <summary>Removes a folder.</summary>
    /// <exception cref="WalIOException">Not all of it could be removed.</exception>
    public static void Remove(IWalFileSystem files, string path)
    {
        using (var folder = files.OpenDirectory(path)) RemoveContents(folder, null);
        files.DeleteDirectory(path);
    }

    /// <summary>Removes the contents of a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="but">A name that is kept; null keeps none.</param>
    /// <exception cref="WalIOException">Not all of it could be removed.</exception>
    public static void RemoveContents(IWalDirectory folder, string? but)
    {
        foreach (var entry in folder.List(folder.Path))
        {
            if (entry.Name == but) continue;
            var path = Path.Combine(folder.Path, entry.Name);
            if (entry.Kind != WalEntryKind.Directory)
            {
                folder.Delete(path);
                continue;
            }

            using (var below = folder.OpenDirectory(path))
            {
                if (below.IsMountPoint) throw new WalIOException("remove", path, false, "something is mounted on it");
                RemoveContents(below, null);
            }
            folder.DeleteDirectory(path);
        }
    }
}
