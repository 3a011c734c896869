using AkkaWal.TestKit.Simulation;

namespace AkkaWal.TestKit;

/// <summary>What somebody does to a disk behind the log's back. All of it is on the disk at once.</summary>
internal static class Intrusions
{
    /// <summary>A symbolic link or the like comes to stand at a path.</summary>
    public static void PlaceOther(this SimulatedDisk disk, string path)
    {
        lock (disk.Gate)
            disk.Tree.Place(path, new OtherNode());
    }

    /// <summary>Somebody gives a directory another name; what had that name must have gone before.</summary>
    public static void MoveDirectory(this SimulatedDisk disk, string path, string newPath)
    {
        lock (disk.Gate)
        {
            var (from, to) = (disk.Tree.DirectoryOf(path, "rename"), disk.Tree.DirectoryOf(newPath, "rename"));
            var node = disk.Tree.Existing(path, "rename");
            foreach (var names in new[] { (from.Live, to.Live), (from.Durable, to.Durable) })
            {
                names.Item1.Remove(Path.GetFileName(path));
                names.Item2.Add(Path.GetFileName(newPath), node);
            }
        }
    }

    /// <summary>Somebody copies a directory, as the cache shows it, to where there is none.</summary>
    public static void CopyDirectory(this SimulatedDisk disk, string path, string newPath)
    {
        lock (disk.Gate)
        {
            if (disk.Stat(newPath) is not null)
                throw new ArgumentException($"{newPath} is there already", nameof(newPath));
            var keepsInode = disk.Broken.HasFlag(BrokenDisk.CopiesBearTheSameNumber);
            disk.Tree.Place(newPath, DiskFork.CopyOf(disk.Tree.Existing(path, "copy"), keepsInode));
        }
    }
}
