using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using AkkaWal.Storage.Files;
using AkkaWal.Storage.Files.Posix;
using AkkaWal.Storage.Files.Posix.Calls;
using Microsoft.Win32.SafeHandles;

namespace AkkaWal.Storage.Tests.IO;

[SupportedOSPlatform("linux")]
public sealed class PosixFileSystemSpec : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly PosixFileSystem _files = PosixFileSystem.Instance;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Look_at_a_file_should_not_ask_for_its_times()
    {
        // STATX_ATIME, STATX_MTIME and STATX_CTIME: a call that asks for them makes the next sync of a writer slower.
        Assert.Equal(0u, Libc.StatsWithoutTimes & 0xe0);
    }

    [Fact]
    public void Closed_file_should_be_unlocked_though_another_process_holds_a_copy_of_its_descriptor()
    {
        File.WriteAllText(_directory["a"], "hello");
        var locked = _files.Open(_directory["a"], FileAccessMode.ReadWrite);
        Assert.True(locked.TryLock());
        var number = Directory.EnumerateFileSystemEntries("/proc/self/fd")
            .Single(link => new FileInfo(link).LinkTarget == _directory["a"]);
        using var copy = new SafeFileHandle(
            Duplicate(int.Parse(Path.GetFileName(number), CultureInfo.InvariantCulture)), ownsHandle: true);
        locked.Dispose();
        using var next = _files.Open(_directory["a"], FileAccessMode.ReadWrite);
        Assert.True(next.TryLock());
        locked.Dispose();
        using var third = _files.Open(_directory["a"], FileAccessMode.ReadWrite);
        Assert.False(third.TryLock());
    }

    [Fact]
    public void Mapped_file_should_read_what_is_there_and_outlive_its_name()
    {
        File.WriteAllText(_directory["a"], "hello");
        using var file = _files.Open(_directory["a"], FileAccessMode.ReadMapped);
        Assert.IsType<MappedFile>(file);
        _files.Delete(_directory["a"]);
        var buffer = new byte[8];
        Assert.Equal(
            (5, 3, 0, 0),
            (file.Read(0, buffer), file.Read(2, buffer), file.Read(5, buffer), file.Read(long.MaxValue, buffer)));
        Assert.Equal("llo"u8, buffer.AsSpan(0, file.Read(2, buffer)));
        Assert.Equal(2, file.Read(0, buffer.AsSpan(0, 2)));
        Assert.Throws<ArgumentOutOfRangeException>(() => file.Read(-1, buffer));
        Assert.Throws<NotSupportedException>(() => file.Write(0, "x"u8));
        file.Dispose();
        file.Dispose();
        Assert.Throws<ObjectDisposedException>(() => file.Read(0, buffer));
    }

    [Fact]
    public void File_that_cannot_be_mapped_should_be_read_all_the_same()
    {
        File.WriteAllText(_directory["empty"], "");
        using var empty = _files.Open(_directory["empty"], FileAccessMode.ReadMapped);
        Assert.Equal(0, empty.Read(0, new byte[1]));
        _files.CreateDirectory(_directory["directory"]);
        Assert.Throws<WalIOException>(() => _files.Open(_directory["directory"], FileAccessMode.ReadMapped));
        Assert.Throws<WalIOException>(() => _files.Open(_directory["missing"], FileAccessMode.ReadMapped));

        File.WriteAllText(_directory["a"], "hello");
        var files = new List<IWalFile>();
        try
        {
            for (var i = 0; i <= MappedFile.MaxMappings; i++)
                files.Add(_files.Open(_directory["a"], FileAccessMode.ReadMapped));
            Assert.IsType<PosixFile>(files[^1]);
            Assert.Equal(5, files[^1].Read(0, new byte[8]));
        }
        finally
        {
            foreach (var file in files) file.Dispose();
        }
        using var mapped = _files.Open(_directory["a"], FileAccessMode.ReadMapped);
        Assert.IsType<MappedFile>(mapped);
    }

    [Theory]
    [InlineData("/proc", "No such file or directory")]
    [InlineData("/sys", "Operation not permitted")]
    public void File_system_that_takes_no_directories_should_be_told_as_that(string parent, string error)
    {
        var refused = Assert.Throws<WalIOException>(() => _files.CreateDirectory($"{parent}/akkawal/log"));
        // Other users than root get another error first.
        var reason = Environment.IsPrivilegedProcess
            ? $"{parent} takes no directories, or is gone: choose another place ({error})"
            : "Permission denied";
        Assert.Equal($"create directory {parent}/akkawal: {reason}", refused.Message);
        using var opened = _files.OpenDirectory(parent);
        Assert.Equal(
            refused.Message, Assert.Throws<WalIOException>(() => opened.CreateDirectory($"{parent}/akkawal")).Message);
    }

    [Fact]
    public void Full_device_should_be_told_as_out_of_space()
    {
        using var full = File.OpenHandle("/dev/full", FileMode.Open, FileAccess.Write);
        using var file = new PosixFile(full, PosixPlace.Of("/dev/full"));
        var failure = Assert.Throws<WalIOException>(() => file.Write(0, "x"u8));
        Assert.Equal((true, false, "write"), (failure.IsOutOfSpace, failure.IsFailedSync, failure.Operation));
    }

    // What a process that is being started holds for a moment, before its program begins.
    [DllImport("libc", EntryPoint = "dup")]
    private static extern int Duplicate(int descriptor);
}
