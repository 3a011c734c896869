using AkkaWal.Storage.Recovery;
using AkkaWal.TestKit;

namespace AkkaWal.Storage.Tests.Epochs;

/// <summary>
/// What a takeover keeps of former epochs: late bytes, files that the log does not use, set-aside/, claims.
/// </summary>
public sealed class FormerEpochsSpec
{
    private const string Log = "/data/log", First = "00000000.log";

    private readonly SimulatedDisk _disk = new();
    private readonly List<string> _notes = [];

    public FormerEpochsSpec()
    {
        _disk.CreateDirectory("/data");
        Write("a");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Bytes_that_a_former_owner_wrote_late_should_be_kept(bool isFull)
    {
        if (isFull) FillSetAside(1);
        byte[] late = [.. _disk.ReadAll($"{Log}/epochs/1/{First}"), 1, 2, 3];
        _disk.Faults = operation =>
        {
            // The records are copied by then.
            if (operation.Kind == DiskOperationKind.Rename && operation.Path.Contains("/epochs/2/MANIFEST"))
                _disk.Overwrite($"{Log}/epochs/1/{First}", late);
            return null;
        };
        Write("b");
        _disk.Faults = null;
        Assert.Equal(late, _disk.ReadAll($"{Log}/epochs/2/{(isFull ? $"{First}.before-1" : $"set-aside/{First}")}"));
        AssertGoesOn(2);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void File_that_the_log_does_not_use_should_be_kept(bool isFull)
    {
        if (isFull) FillSetAside(1);
        _disk.Overwrite($"{Log}/epochs/1/00000099.index", [1, 2, 3]);
        Write("b");
        byte[] expected = [1, 2, 3];
        Assert.Equal(
            expected,
            _disk.ReadAll($"{Log}/epochs/2/{(isFull ? "00000099.index.before-1" : "set-aside/00000099.index")}"));
        AssertGoesOn(2);
    }

    [Fact]
    public void File_of_a_plain_log_that_it_does_not_use_should_be_kept()
    {
        var disk = new SimulatedDisk();
        disk.CreateDirectory("/data");
        SegmentedLog.Open(Log, null, disk).Dispose();
        FillSetAside(0, disk);
        disk.Overwrite($"{Log}/00000099.index", [1, 2, 3]);
        SegmentedLog.Open(Log, new WalOptions { Owner = "a" }, disk).Dispose();
        Assert.Equal(3, disk.ReadAll($"{Log}/00000099.index.before-0").Length);
        Assert.Equal(SetAside.MaxFiles, disk.List($"{Log}/epochs/1/set-aside").Count);
    }

    [Fact]
    public void Folders_of_what_several_epochs_set_aside_should_all_be_kept()
    {
        _disk.CreateDirectory($"{Log}/epochs/1/set-aside");
        _disk.Overwrite($"{Log}/epochs/1/set-aside/x", [1]);
        // The first epoch's directory can't be removed.
        _disk.Faults = operation =>
            operation.Kind == DiskOperationKind.Delete && operation.Path.EndsWith("/epochs/1/MANIFEST")
                ? DiskFault.Error
                : null;
        Write("b");
        Assert.Contains(_notes, note => note.Contains("could be removed"));
        _disk.Faults = null;
        _disk.CreateDirectory($"{Log}/epochs/2/set-aside");
        _disk.Overwrite($"{Log}/epochs/2/set-aside/y", [2]);
        Write("c");
        Assert.NotNull(_disk.Stat($"{Log}/epochs/3/set-aside/x"));
        Assert.NotNull(_disk.Stat($"{Log}/epochs/3/set-aside/before-2/y"));
        AssertGoesOn(3);
    }

    [Fact]
    public void Claims_up_to_64_epochs_back_should_be_kept()
    {
        const int Epochs = 70, Kept = 64;
        for (var epoch = 2; epoch <= Epochs; epoch++) Write($"owner {epoch}");
        Assert.Equal(
            Enumerable.Range(Epochs - Kept, Kept + 1).Select(epoch => $"{epoch}.claim").Append($"{Epochs}").Order(),
            _disk.List($"{Log}/epochs").Select(entry => entry.Name).Order());
    }

    private void Write(string owner)
    {
        using var log = SegmentedLog.Open(Log, new WalOptions { Owner = owner }, _disk, _notes.Add);
        log.Append("record"u8);
    }

    private void FillSetAside(int epoch, SimulatedDisk? disk = null)
    {
        var folder = epoch == 0 ? $"{Log}/set-aside" : $"{Log}/epochs/{epoch}/set-aside";
        (disk ?? _disk).CreateDirectory(folder);
        for (var i = 0; i < SetAside.MaxFiles; i++) (disk ?? _disk).Overwrite($"{folder}/{i}", [0]);
    }

    // Nothing else of the former epochs is left, and the log has its records.
    private void AssertGoesOn(int epoch)
    {
        Assert.Equal(epoch, _disk.List($"{Log}/epochs").Select(entry => entry.Name).Count(name => name.Contains('.')));
        Assert.Equal(
            [$"{epoch}"], _disk.List($"{Log}/epochs").Select(entry => entry.Name).Where(name => !name.Contains('.')));
        using var reader = LogReader.Open(Log, files: _disk);
        Assert.Equal(epoch, reader.NextOffset);
        Assert.Null(reader.Damage);
    }
}
