using AkkaWal.Storage;
using AkkaWal.TestKit.Simulation;
using AkkaWal.TestKit.Simulation.Tree;

namespace AkkaWal.TestKit;

/// <summary>
/// Changes to files that the log did not make: by a worn disk or by a person. They are at once in the cache and on the
/// disk.
/// </summary>
public static class DiskDamage
{
    /// <summary>Replaces a file's bytes, also for open handles. Creates the file if there is none.</summary>
    /// <exception cref="WalIOException">There is no such directory.</exception>
    public static void Overwrite(this SimulatedDisk disk, string path, ReadOnlySpan<byte> bytes)
    {
        ArgumentNullException.ThrowIfNull(disk);
        var copy = bytes.ToArray();
        lock (disk.State.Gate)
        {
            var directory = disk.State.Tree.DirectoryOf(path, "tamper");
            if (directory.Live.GetValueOrDefault(Path.GetFileName(path)) is not FileNode file)
                disk.State.Tree.Place(path, file = new FileNode());
            file.Tamper(image =>
            {
                image.SetLength(0);
                image.Write(0, copy);
            });
        }
    }

    /// <summary>Flips bits of one byte of a file.</summary>
    /// <exception cref="WalIOException">There is no such file.</exception>
    public static void Flip(this SimulatedDisk disk, string path, long position, byte bits)
    {
        ArgumentNullException.ThrowIfNull(disk);
        lock (disk.State.Gate)
        {
            disk.State.Tree.FileAt(path).Tamper(image =>
            {
                Span<byte> one = stackalloc byte[1];
                image.Read(position, one);
                one[0] ^= bits;
                image.Write(position, one);
            });
        }
    }

    /// <summary>Removes the name of a file or a directory, in the cache and on the disk.</summary>
    /// <exception cref="WalIOException">There is no such directory.</exception>
    public static void Lose(this SimulatedDisk disk, string path)
    {
        ArgumentNullException.ThrowIfNull(disk);
        lock (disk.State.Gate)
        {
            var directory = disk.State.Tree.DirectoryOf(path, "tamper");
            directory.Live.Remove(Path.GetFileName(path));
            directory.Durable.Remove(Path.GetFileName(path));
        }
    }

    /// <summary>Puts a symbolic link, or another entry that is no file or directory, at a path.</summary>
    internal static void PlaceOther(this SimulatedDisk disk, string path)
    {
        lock (disk.State.Gate)
            disk.State.Tree.Place(path, new OtherNode());
    }

    /// <summary>Renames a directory. The new name must be free.</summary>
    internal static void MoveDirectory(this SimulatedDisk disk, string path, string newPath)
    {
        lock (disk.State.Gate)
        {
            var tree = disk.State.Tree;
            var (from, to) = (tree.DirectoryOf(path, "rename"), tree.DirectoryOf(newPath, "rename"));
            var node = tree.Existing(path, "rename");
            foreach (var names in new[] { (from.Live, to.Live), (from.Durable, to.Durable) })
            {
                names.Item1.Remove(Path.GetFileName(path));
                names.Item2.Add(Path.GetFileName(newPath), node);
            }
        }
    }

    /// <summary>Copies a directory, as the cache shows it. The new path must be free.</summary>
    internal static void CopyDirectory(this SimulatedDisk disk, string path, string newPath)
    {
        lock (disk.State.Gate)
        {
            if (disk.Stat(newPath) is not null)
                throw new ArgumentException($"{newPath} is there already", nameof(newPath));
            var keepsInode = disk.Broken.HasFlag(BrokenDisk.CopiesBearTheSameNumber);
            disk.State.Tree.Place(newPath, DiskFork.CopyOf(disk.State.Tree.Existing(path, "copy"), keepsInode));
        }
    }
}
