using AkkaWal.Storage.Repair;
using AkkaWal.TestKit;

namespace AkkaWal.Storage.Tests.Maintenance;

/// <summary>
/// A compression and an archiving that are cancelled at each read: the segment is as it was, and no file is left over.
/// </summary>
public sealed class CancelledMaintenanceSpec
{
    private const string Dir = "/log", Cold = "/cold", First = "00000000.log";

    private const int Records = 400, RecordBytes = 100;

    private readonly SimulatedDisk _disk = new();

    private WalOptions Options => new() { Archive = new DirectoryArchive(_disk, Cold) };

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void Segment_should_be_as_it_was_whenever_it_is_cancelled(bool archives, bool isCompressed)
    {
        Fill();
        _disk.CreateDirectory(Cold);
        using var log = SegmentedLog.Open(Dir, Options, _disk);
        if (isCompressed) log.CompressSegment(First);
        var before = log.Segments[0];
        List<string> files = [.. Files()];
        for (var cancelledAt = 1; ; cancelledAt++)
        {
            using var cancellation = new CancellationTokenSource();
            var reads = 0;
            _disk.ReadFaults = (_, _) =>
            {
                if (++reads == cancelledAt) cancellation.Cancel();
                return false;
            };
            try
            {
                if (archives) log.ArchiveSegment(First, cancellation.Token);
                else log.CompressSegment(First, cancellation.Token);
                Assert.True(cancelledAt > 3, "it asked at no read");
                break;
            }
            catch (OperationCanceledException)
            {
                _disk.ReadFaults = null;
                Assert.Equal(before, log.Segments[0]);
                Assert.Equal(files, Files());
            }
        }
        _disk.ReadFaults = null;
        log.Close();
        var report = LogVerifier.Verify(Dir, Options, _disk);
        Assert.Empty(report.Faults);
        Assert.Equal(Records, report.RecordCount);
    }

    // Text that shrinks, in more than one block.
    private void Fill()
    {
        using var log = SegmentedLog.Open(
            Dir, new WalOptions { MaxSegmentBytes = Records * RecordBytes * 9 / 10 }, _disk);
        for (var offset = 0; offset < Records; offset++)
        {
            var payload = new byte[RecordBytes];
            payload.AsSpan().Fill((byte)('a' + offset % 26));
            log.Append(payload);
            if (offset % 10 == 9) log.Commit();
        }
        log.Close();
    }

    // Files of segments. The log's identity and its place in the archive stay once they are made.
    private IEnumerable<string> Files() =>
        _disk.List(Dir).Concat(_disk.List(Cold).SelectMany(place => _disk.List($"{Cold}/{place.Name}")))
            .Select(entry => entry.Name).Where(name => name.Contains("0000", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal);
}
