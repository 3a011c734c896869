using AkkaWal.Storage.Files;
using AkkaWal.Storage.Files.Wrappers;
using AkkaWal.TestKit;

namespace AkkaWal.Storage.Tests.IO;

public sealed class ReopeningFileSpec
{
    private readonly SimulatedDisk _disk = new();

    public ReopeningFileSpec()
    {
        using var file = _disk.Open("/file", FileAccessMode.CreateNew);
        file.Write(0, [1, 2, 3]);
    }

    private ReopeningFile Reopening() => new(() => _disk.Open("/file", FileAccessMode.Read), "/file");

    [Fact]
    public void File_that_was_out_of_reach_should_be_opened_anew()
    {
        using var file = Reopening();
        _disk.ReadFaults = (_, _) => true;
        Assert.Throws<WalIOException>(() => file.Read(0, new byte[3]));
        Assert.Equal(0, _disk.OpenHandleCount);
        _disk.ReadFaults = null;
        Assert.Equal(3, file.Read(0, new byte[3]));
        Assert.Equal(1, _disk.OpenHandleCount);
    }

    [Fact]
    public void File_that_was_closed_should_stay_closed()
    {
        var file = Reopening();
        file.Dispose();
        Assert.Throws<ObjectDisposedException>(() => file.Read(0, new byte[3]));
        Assert.Equal(0, _disk.OpenHandleCount);

        var another = Reopening();
        _disk.ReadFaults = (_, _) =>
        {
            another.Dispose();
            return true;
        };
        // A read that was under way reports that the file was closed, and not that the disk failed.
        Assert.Throws<ObjectDisposedException>(() => another.Read(0, new byte[3]));
        Assert.Equal(0, _disk.OpenHandleCount);
    }
}
