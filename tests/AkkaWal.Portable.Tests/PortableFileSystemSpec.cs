using AkkaWal.Storage;
using AkkaWal.Storage.Files;
using AkkaWal.Storage.Files.Native;
using AkkaWal.Storage.Files.Portable;
using AkkaWal.Storage.Tests;

namespace AkkaWal.Portable.Tests;

/// <summary>What the portable file system does in its own way. What all have in common is in FileSystemSpec.</summary>
public sealed class PortableFileSystemSpec : IDisposable
{
    private readonly TemporaryDirectory _temporary = new();
    private readonly PortableFileSystem _files = new();

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public void Specs_here_should_run_on_it() => Assert.IsType<PortableFileSystem>(WalFileSystem.Default);

    [Fact]
    public void What_it_can_not_promise_should_be_noted_by_the_first_log_alone()
    {
        var notes = new List<string>();
        for (var i = 0; i < 2; i++) SegmentedLog.Open(_temporary[$"log{i}"], files: _files, note: notes.Add).Dispose();
        Assert.StartsWith("the portable file system promises less", Assert.Single(notes), StringComparison.Ordinal);
    }

    [Fact]
    public void Sync_that_the_platform_refuses_should_fail()
    {
        // RandomAccess.FlushToDisk returns normally here.
        using var handle = File.OpenHandle("/dev/null", FileMode.Open, FileAccess.ReadWrite);
        using var file = new PortableFile(NativeCalls.Current, handle, "/dev/null");
        var failure = Assert.Throws<WalIOException>(file.Sync);
        Assert.Equal((true, WalIOCause.NotSupported), (failure.IsFailedSync, failure.Cause));
        var ofDirectory = Assert.Throws<WalIOException>(() => _files.SyncDirectory("/proc"));
        Assert.Equal((true, WalIOCause.NotSupported), (ofDirectory.IsFailedSync, ofDirectory.Cause));
    }

    [Fact]
    public void Full_device_should_be_told_as_out_of_space()
    {
        using var full = File.OpenHandle("/dev/full", FileMode.Open, FileAccess.Write);
        using var file = new PortableFile(NativeCalls.Current, full, "/dev/full");
        var failure = Assert.Throws<WalIOException>(() => file.Write(0, "x"u8));
        Assert.Equal((true, false, "write"), (failure.IsOutOfSpace, failure.IsFailedSync, failure.Operation));
    }

    [Fact]
    public void Directory_that_was_moved_or_replaced_should_be_refused_and_taken_again_when_it_is_back()
    {
        var path = _temporary["log"];
        _files.CreateDirectory(path);
        using var directory = _files.OpenDirectory(path);
        Directory.Move(path, _temporary["moved"]);
        Assert.Throws<WalIOException>(() => directory.Open(Path.Combine(path, "a"), FileAccessMode.CreateNew));
        Directory.CreateDirectory(path);
        Assert.Throws<WalIOException>(() => directory.Open(Path.Combine(path, "a"), FileAccessMode.CreateNew));
        Assert.Throws<WalIOException>(() => directory.List(path));
        Assert.Empty(Directory.EnumerateFileSystemEntries(path));
        Directory.Delete(path);
        Directory.Move(_temporary["moved"], path);
        Assert.Empty(directory.List(path));
    }

    [Fact]
    public void Mapped_file_should_be_read_as_any_other()
    {
        File.WriteAllText(_temporary["a"], "hello");
        using var file = _files.Open(_temporary["a"], FileAccessMode.ReadMapped);
        Assert.Equal(5, file.Read(0, new byte[8]));
    }
}
