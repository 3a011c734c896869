using System.Diagnostics;
using System.Runtime.Versioning;
using AkkaWal.Storage.Files;

namespace AkkaWal.Storage.Tests.IO;

/// <summary>
/// Calls through an open directory go to that directory, even if its path names another one by now. Its lock is held
/// even if its files are replaced.
/// </summary>
[SupportedOSPlatform("linux")]
public sealed class BoundDirectorySpec : IDisposable
{
    private readonly TemporaryDirectory _temporary = new();
    private readonly string _path;
    private readonly IWalDirectory _directory;

    public BoundDirectorySpec()
    {
        _path = _temporary["log"];
        WalFileSystem.Default.CreateDirectory(_path);
        _directory = WalFileSystem.Default.OpenDirectory(_path);
    }

    private string Lock => Path.Combine(_path, "LOCK");

    public void Dispose()
    {
        _directory.Dispose();
        _temporary.Dispose();
    }

    [LinuxFilesFact("a directory that was moved is not used any more")]
    public void Every_operation_should_stay_in_the_directory_that_was_opened_when_another_has_its_name()
    {
        Write("a", 1);
        var moved = _temporary["moved"];
        Directory.Move(_path, moved);
        Directory.CreateDirectory(_path);

        Write("b", 2);
        _directory.CreateDirectory($"{_path}/below/deeper");
        Write("below/deeper/c", 3);
        _directory.Rename($"{_path}/below/deeper/c", $"{_path}/d");
        _directory.SyncDirectory(_path);
        _directory.MakeReadOnly($"{_path}/d");
        Assert.Equal(["a", "b", "below", "d"], _directory.List(_path).Select(entry => entry.Name).Order());
        _directory.Delete($"{_path}/a");
        _directory.DeleteDirectory($"{_path}/below/deeper");

        Assert.Null(_directory.Stat($"{_path}/a"));
        Assert.Equal(WalEntryKind.Directory, _directory.Stat($"{_path}/below")!.Value.Kind);
        Assert.Null(_directory.Stat($"{_path}/nothing/here"));
        Assert.Equal(["b", "below", "d"], Directory.EnumerateFileSystemEntries(moved).Select(Path.GetFileName).Order());
        Assert.Equal(UnixFileMode.UserRead, File.GetUnixFileMode(Path.Combine(moved, "d")));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_path));
    }

    [Theory]
    [InlineData("/etc/passwd")]
    [InlineData("{0}/../other/a")]
    [InlineData("{0}x/a")]
    [InlineData("{0}/link/a")]
    public void Path_outside_of_the_directory_should_be_refused(string path)
    {
        Directory.CreateDirectory(_temporary["other"]);
        File.WriteAllText(_temporary["other/a"], "x");
        Directory.CreateSymbolicLink(Path.Combine(_path, "link"), _temporary["other"]);

        Assert.Throws<WalIOException>(() => _directory.Open(string.Format(null, path, _path), FileAccessMode.Read));
        Assert.Throws<WalIOException>(() => _directory.Delete(string.Format(null, path, _path)));
        Assert.True(File.Exists(_temporary["other/a"]));
    }

    [Fact]
    public void Closed_directory_should_refuse_and_its_files_go_on()
    {
        Write("a", 1);
        using var file = _directory.Open($"{_path}/a", FileAccessMode.Read);
        _directory.Dispose();
        Assert.Equal(1, file.Read(0, new byte[8]));
        Assert.Throws<WalIOException>(() => _directory.Stat($"{_path}/a"));
    }

    [Fact]
    public void Removing_or_replacing_the_lock_file_should_let_nobody_else_in()
    {
        using var held = _directory.Lock(Lock);
        Assert.True(held.HoldsDirectory);
        Assert.Null(held.WhyLost());

        File.Delete(Lock);
        var refused = Assert.Throws<WalLockedException>(() => WalFileSystem.Default.Lock(Lock));
        Assert.Equal((_path, "another process, whose lock file was removed"), (refused.Directory, refused.Holder));
        Assert.False(File.Exists(Lock));
        Assert.True(WalFileSystem.Default.IsLocked(Lock));
        Assert.Contains(Lock, held.WhyLost(), StringComparison.Ordinal);
        File.WriteAllText(Lock, "");
        Assert.Throws<WalLockedException>(() => WalFileSystem.Default.Lock(Lock));
        Assert.Contains(Lock, held.WhyLost(), StringComparison.Ordinal);
    }

    [Fact]
    public void Owner_should_be_told_that_its_directory_was_moved_or_replaced_and_that_it_is_back()
    {
        using var held = _directory.Lock(Lock);
        Directory.Move(_path, _temporary["moved"]);
        Assert.Contains(_path, held.WhyLost(), StringComparison.Ordinal);
        Directory.CreateDirectory(_path);
        Assert.Contains(_path, held.WhyLost(), StringComparison.Ordinal);
        using (WalFileSystem.Default.Lock(Lock)) Assert.Contains(_path, held.WhyLost(), StringComparison.Ordinal);

        Directory.Delete(_path, true);
        Directory.Move(_temporary["moved"], _path);
        Assert.Null(held.WhyLost());
    }

    [Fact]
    public void Lock_of_an_older_version_should_keep_others_out()
    {
        // These lock only the file, as .NET does by flock.
        using (File.Open(Lock, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None))
        {
            Assert.True(_directory.IsLocked(Lock));
            Assert.Throws<WalLockedException>(() => _directory.Lock(Lock));
        }
        Assert.False(_directory.IsLocked(Lock));
        using var held = _directory.Lock(Lock);
        Assert.True(_directory.IsLocked(Lock));
        Assert.Throws<IOException>(() => File.Open(Lock, FileMode.Open, FileAccess.ReadWrite, FileShare.None));
    }

    [Fact]
    public void File_with_a_second_name_should_not_be_written_and_the_error_should_say_what_to_do()
    {
        Write("a", 1);
        Link("a", "b");
        var refused = Assert.Throws<WalIOException>(() => _directory.Open($"{_path}/a", FileAccessMode.ReadWrite));
        Assert.Contains($"{_path}/a: it has 2 names", refused.Message, StringComparison.Ordinal);
        Assert.Contains($"cp -p {_path}/a", refused.Message, StringComparison.Ordinal);
        _directory.Open($"{_path}/a", FileAccessMode.Read).Dispose();

        // The name of a temporary file gets a new file.
        using (var file = _directory.Open($"{_path}/a", FileAccessMode.CreateOrTruncate)) file.Write(0, "new"u8);
        Assert.Equal(1, Assert.Single(File.ReadAllBytes($"{_path}/b")));

        Write("LOCK", 1);
        Link("LOCK", "c");
        Assert.Throws<WalIOException>(() => _directory.Lock(Lock));
        Assert.Equal(1, Assert.Single(File.ReadAllBytes(Lock)));
        File.Delete($"{_path}/c");
        _directory.Lock(Lock).Dispose();
    }

    [Fact]
    public void Identity_should_be_kept_by_a_move_and_changed_by_a_copy()
    {
        Directory.Move(_path, _temporary["moved"]);
        using var moved = WalFileSystem.Default.OpenDirectory(_temporary["moved"]);
        WalFileSystem.Default.CreateDirectory(_path);
        using var other = WalFileSystem.Default.OpenDirectory(_path);
        Assert.Equal(_directory.Identity, moved.Identity);
        Assert.NotEqual(_directory.Identity, other.Identity);
    }

    private void Link(string name, string newName)
    {
        using var ln = Process.Start("ln", [$"{_path}/{name}", $"{_path}/{newName}"]);
        ln.WaitForExit();
        Assert.Equal(0, ln.ExitCode);
    }

    private void Write(string name, byte value)
    {
        using var file = _directory.Open($"{_path}/{name}", FileAccessMode.CreateNew);
        file.Write(0, [value]);
    }
}
