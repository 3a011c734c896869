using System.Runtime.Versioning;
using AkkaWal.Storage.Files;

namespace AkkaWal.Storage.Tests.IO;

/// <summary>What the log asks of the machine's file system, whichever it is.</summary>
[SupportedOSPlatform("linux")]
public sealed class FileSystemSpec : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly IWalFileSystem _files = WalFileSystem.Default;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void File_should_read_back_what_was_written_gathered_or_not_and_tell_its_end()
    {
        using var file = _files.Open(_directory["a"], FileAccessMode.CreateNew);
        file.Write(0, "hello"u8);
        file.Write(5, new ReadOnlyMemory<byte>[] { " wide"u8.ToArray(), Array.Empty<byte>(), " world"u8.ToArray() });
        file.Sync();
        var buffer = new byte[64];
        Assert.Equal(16, file.Read(0, buffer));
        Assert.Equal("hello wide world"u8, buffer.AsSpan(0, 16));
        Assert.Equal(16, file.LengthBytes);
        file.SetLength(4);
        Assert.Equal((4, 0), (file.Read(0, buffer), file.Read(4, buffer)));
    }

    [Fact]
    public void Files_and_directories_should_be_their_owners_alone()
    {
        _files.CreateDirectory(_directory["deep/er"]);
        _files.Open(_directory["deep/er/a"], FileAccessMode.CreateNew).Dispose();
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute,
            File.GetUnixFileMode(_directory["deep"]));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_directory["deep/er/a"]));
        _files.MakeReadOnly(_directory["deep/er/a"]);
        Assert.Equal(UnixFileMode.UserRead, File.GetUnixFileMode(_directory["deep/er/a"]));
    }

    [Fact]
    public void Links_and_directories_should_be_refused_as_files()
    {
        File.WriteAllText(_directory["target"], "secret");
        File.CreateSymbolicLink(_directory["link"], _directory["target"]);
        _files.CreateDirectory(_directory["directory"]);
        Assert.Throws<WalIOException>(() => _files.Open(_directory["link"], FileAccessMode.Read));
        Assert.Throws<WalIOException>(() => _files.Open(_directory["directory"], FileAccessMode.Read));
        Assert.Equal(WalEntryKind.Other, _files.Stat(_directory["link"])!.Value.Kind);
        Assert.Equal(
            [("directory", WalEntryKind.Directory), ("link", WalEntryKind.Other), ("target", WalEntryKind.File)],
            _files.List(_directory.Path).Select(e => (e.Name, e.Kind)).Order());
        Assert.Equal(6, _files.Stat(_directory["target"])!.Value.LengthBytes);
    }

    [Fact]
    public void Missing_and_existing_names_should_be_told_apart()
    {
        Assert.Null(_files.Stat(_directory["a"]));
        Assert.Contains(
            _directory["a"],
            Assert.Throws<WalIOException>(() => _files.Open(_directory["a"], FileAccessMode.Read)).Message,
            StringComparison.Ordinal);
        _files.Open(_directory["a"], FileAccessMode.CreateNew).Dispose();
        Assert.Throws<WalIOException>(() => _files.Open(_directory["a"], FileAccessMode.CreateNew));
        _files.Rename(_directory["a"], _directory["b"]);
        _files.SyncDirectory(_directory.Path);
        Assert.Null(_files.Stat(_directory["a"]));
        _files.Delete(_directory["b"]);
        Assert.Throws<WalIOException>(() => _files.Delete(_directory["b"]));
        Assert.Throws<WalIOException>(() => _files.SyncDirectory(_directory["b"]));
        Assert.Throws<WalIOException>(() => _files.List(_directory["b"]));
    }

    [Fact]
    public void Lock_should_be_held_by_one_and_name_its_holder()
    {
        var path = _directory["LOCK"];
        File.WriteAllText(path, new string('x', 500));
        using (_files.Lock(path))
        {
            var refused = Assert.Throws<WalLockedException>(() => _files.Lock(path));
            Assert.Equal(_directory.Path, refused.Directory);
            Assert.Equal($"process {Environment.ProcessId} on {Environment.MachineName}", refused.Holder);
        }
        _files.Lock(path).Dispose();
    }

    [Fact]
    public void Pipe_in_place_of_a_lock_file_should_be_refused_as_what_it_is()
    {
        var path = _directory["LOCK"];
        using (var make = System.Diagnostics.Process.Start("mkfifo", [path])) make.WaitForExit();
        var refused = Assert.Throws<WalIOException>(() => _files.Lock(path));
        Assert.Equal($"open {path}: it is no plain file", refused.Message);
    }

    [Fact]
    public void File_should_know_whether_its_name_is_still_its_own()
    {
        using var file = _files.Open(_directory["a"], FileAccessMode.CreateNew);
        Assert.True(file.IsNamed());
        file.Write(0, "x"u8);
        Assert.True(file.IsNamed());
        File.Move(_directory["a"], _directory["b"]);
        Assert.False(file.IsNamed());
        File.WriteAllText(_directory["a"], "another");
        Assert.False(file.IsNamed());
        File.Move(_directory["b"], _directory["a"], overwrite: true);
        Assert.True(file.IsNamed());
    }

    [Fact]
    public void Open_file_should_be_renamed_replaced_and_deleted_under_its_readers()
    {
        File.WriteAllText(_directory["a"], "one");
        File.WriteAllText(_directory["b"], "two");
        using var one = _files.Open(_directory["a"], FileAccessMode.Read);
        using var two = _files.Open(_directory["b"], FileAccessMode.Read);
        _files.MakeReadOnly(_directory["a"]);
        _files.Rename(_directory["b"], _directory["a"]);
        _files.Delete(_directory["a"]);
        Assert.Empty(_files.List(_directory.Path));
        var buffer = new byte[3];
        Assert.Equal("one"u8, buffer.AsSpan(0, one.Read(0, buffer)));
        Assert.Equal("two"u8, buffer.AsSpan(0, two.Read(0, buffer)));
    }
}
