using AkkaWal.Storage.Format;
using AkkaWal.Storage.Repair;

namespace AkkaWal.Storage.Tests.Golden;

/// <summary>
/// Logs of format version 2, which had owners, stay readable and writable, whatever the code becomes.
/// </summary>
public sealed class GoldenOwnedLogSpec
{
    private const string LastOwner = "golden owner b";

    public static TheoryData<string> Logs => ["stopped", "killed"];

    [Theory]
    [MemberData(nameof(Logs))]
    public void Golden_log_should_be_read_and_verified_without_being_opened(string name)
    {
        using var golden = new GoldenLog(name, version: 2);
        using var reader = LogReader.Open(golden.Directory, new LogReaderOptions { Archive = golden.Archive });
        Assert.Null(reader.Damage);
        Assert.Equal(GoldenLog.NextOffset, reader.NextOffset);
        AssertHolds(reader.Read);
        Assert.Empty(LogVerifier.Verify(golden.Directory, golden.Options).Faults);
    }

    [Theory]
    [InlineData("stopped", LastOwner, 2)]
    [InlineData("killed", LastOwner, 2)]
    [InlineData("stopped", "another", 3)]
    [InlineData("killed", "another", 3)]
    [InlineData("stopped", "", 3)]
    public void Golden_log_should_be_opened_and_written(string name, string owner, long epoch)
    {
        using var golden = new GoldenLog(name, version: 2);
        var options = golden.Options with { Owner = owner };
        using (var log = SegmentedLog.Open(golden.Directory, options))
        {
            AssertHolds(log.Read);
            Assert.Equal(GoldenLog.NextOffset, log.Append("new"u8));
            log.SealActive();
            log.CompressSegment("00000210.log");
        }
        var manifest = ManifestIn(golden, $"epochs/{epoch}/MANIFEST");
        Assert.Equal((true, epoch, owner), (manifest.IsShared, manifest.Epoch, manifest.Owner));
        using var again = SegmentedLog.Open(golden.Directory, options);
        Assert.Equal("new"u8.ToArray(), again.Read(GoldenLog.NextOffset));
        AssertHolds(again.Read);
    }

    [Theory]
    [InlineData("MANIFEST")]
    [InlineData("epochs/2/MANIFEST")]
    public void Manifest_should_be_written_as_the_golden_log_has_it(string name)
    {
        using var golden = new GoldenLog("stopped", version: 2);
        Assert.Equal(File.ReadAllBytes(golden[name]), ManifestIn(golden, name).Encode());
    }

    private static Manifest ManifestIn(GoldenLog golden, string name) =>
        Manifest.Decode(File.ReadAllBytes(golden[name]), name);

    private static void AssertHolds(Func<long, byte[]> read)
    {
        for (var offset = 0L; offset < GoldenLog.NextOffset; offset++)
            if (!GoldenLog.IsDeleted(offset)) Assert.Equal(GoldenLog.Payload(offset), read(offset));
        Assert.Throws<WalNotFoundException>(() => read(GoldenLog.FirstDeleted));
    }
}
