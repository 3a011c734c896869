using System.Diagnostics;
using System.Globalization;
using AkkaWal.Storage.Files;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Tail;

namespace AkkaWal.Storage.Tests.Tail;

/// <summary>Space ahead of the tail: it is reserved in time, never too large, and given back.</summary>
public sealed class TailReservationSpec : IDisposable
{
    private const int WriteBytes = 10_000;

    private const int FirstStepBytes = WalOptions.FirstReservationBytes, LargestSmallStepBytes = 4 * FirstStepBytes,
        LargestStepBytes = 16 * FirstStepBytes;

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    private static List<(char What, long Position, long Bytes)> WriteAll(bool isSynced, long maxSegmentBytes)
    {
        var file = new RecordingFile();
        var reservation = new TailReservation(isSynced, SegmentHeader.SizeBytes);
        long position = SegmentHeader.SizeBytes;
        for (; position + WriteBytes <= maxSegmentBytes; position += WriteBytes)
        {
            reservation.Write(file, position, new byte[WriteBytes], maxSegmentBytes);
            Assert.InRange(reservation.ReservedEnd, position + WriteBytes, SegmentHeader.SizeBytes + maxSegmentBytes);
        }
        return file.Calls;
    }

    [Fact]
    public void Blocks_should_be_asked_for_ahead_in_growing_steps_and_written_once()
    {
        const long MaxBytes = 40 << 20;
        var calls = WriteAll(false, MaxBytes);
        var asked = calls.Where(call => call.What == 'a').ToList();
        // A segment that stays small reserves nothing.
        Assert.All(asked, call => Assert.True(call.Position + WriteBytes >= FirstStepBytes));
        Assert.True(asked.Count < 20, $"{asked.Count} times");
        Assert.Equal(MaxBytes / WriteBytes, calls.Count(call => call.What == 'w'));
        Assert.All(calls, call => Assert.True(call.Position + call.Bytes <= SegmentHeader.SizeBytes + MaxBytes));
        Assert.All(calls.Where(call => call.What == 'w'), call => Assert.Equal(WriteBytes, call.Bytes));
        // Beyond the first steps, space is allocated before it is written.
        var allocated = (long)FirstStepBytes;
        foreach (var (what, position, bytes) in calls)
        {
            if (what == 'a') allocated = position + bytes;
            else Assert.True(position + bytes <= allocated, $"{position}");
        }
    }

    [Fact]
    public void Zeros_should_be_written_with_the_bytes_where_none_were_made_ready()
    {
        var calls = WriteAll(true, 4 << 20);
        Assert.All(calls, call => Assert.Equal('w', call.What));
        Assert.Equal(WriteBytes + FirstStepBytes, calls[0].Bytes);
        Assert.Equal(WriteBytes + LargestSmallStepBytes, calls.Max(call => call.Bytes));
    }

    [Theory]
    [InlineData(100)]
    [InlineData(10_000)]
    [InlineData(100_000)]
    [InlineData(3_000_000)]
    public void Zeros_should_be_made_ready_between_commits_and_their_way_to_the_disk_begun(int commitBytes)
    {
        const long MaxBytes = 16 << 20;
        var file = new RecordingFile();
        var reservation = new TailReservation(true, SegmentHeader.SizeBytes);
        var ends = new List<long>();
        long position = SegmentHeader.SizeBytes;
        for (; position + commitBytes <= MaxBytes; position += commitBytes)
        {
            reservation.Write(file, position, new byte[commitBytes], MaxBytes);
            reservation.Extend(file, position + commitBytes, MaxBytes);
            ends.Add(reservation.ReservedEnd);
            Assert.InRange(reservation.ReservedEnd, position + commitBytes, SegmentHeader.SizeBytes + MaxBytes);
        }
        var steps = file.Calls.Where(call => call.What == 'b').ToList();
        Assert.All(steps, step => Assert.Contains(('w', step.Position, step.Bytes), file.Calls));
        // A step is about six commits: large enough to be worth its cost, and small enough to be done before the next
        // commit.
        Assert.InRange(steps.Max(step => step.Bytes), LargestSmallStepBytes, LargestStepBytes);
        if (commitBytes > LargestStepBytes) return;
        // After the first steps a commit writes only its own bytes, over zeros that are there.
        var commits = file.Calls.Where(call => call.What == 'w' && !steps.Contains(('b', call.Position, call.Bytes)))
            .ToList();
        Assert.Equal(ends.Count, commits.Count);
        Assert.All(commits.Skip(4), commit => Assert.Equal(commitBytes, commit.Bytes));
        for (var i = 4; i < ends.Count; i++)
            Assert.True(commits[i].Position + commits[i].Bytes <= ends[i - 1], $"commit {i}");
    }

    [Fact]
    public void Zeros_that_find_no_room_should_be_done_without()
    {
        const long MaxBytes = 1 << 20;
        var file = new RecordingFile();
        var reservation = new TailReservation(true, SegmentHeader.SizeBytes);
        reservation.Write(file, SegmentHeader.SizeBytes, new byte[WriteBytes], MaxBytes);
        var end = SegmentHeader.SizeBytes + 7L * WriteBytes;
        reservation.Write(file, end - WriteBytes, new byte[WriteBytes], MaxBytes);
        file.IsFull = true;
        reservation.Extend(file, end, MaxBytes);
        // Some of the zeros may be in the file and must be cut.
        Assert.True(reservation.ReservedEnd > SegmentHeader.SizeBytes + WriteBytes + FirstStepBytes);
        file.IsFull = false;
        var before = file.Calls.Count;
        reservation.Extend(file, end, MaxBytes);
        for (var i = 0; i < 20; i++) reservation.Write(file, end + i * WriteBytes, new byte[WriteBytes], MaxBytes);
        Assert.All(file.Calls.Skip(before), call => Assert.Equal(WriteBytes, call.Bytes));
    }

    [Fact]
    public void Blocks_should_leave_the_length_and_be_given_back_at_the_end()
    {
        // The last record reserves a megabyte.
        const int Records = 13;
        var payload = new byte[100_000];
        var path = _directory[SegmentName.Log(0)];
        long size;
        using (var log = SegmentedLog.Open(_directory.Path, new WalOptions { Flush = FlushPolicy.OsCache }))
        {
            for (var i = 0; i < Records; i++)
            {
                log.Append(payload);
                log.Commit();
            }
            size = SegmentHeader.SizeBytes + Records * Frame.SizeOf(payload.Length);
            Assert.Equal(size, new FileInfo(path).Length);
        }
        Assert.Equal(size, new FileInfo(path).Length);
        Assert.InRange(DiskBytes(path), 0, size + FirstStepBytes);
    }

    [Fact]
    public void Blocks_that_a_killed_writer_left_should_be_given_back_by_the_recovery()
    {
        var path = _directory[SegmentName.Log(0)];
        using (var log = SegmentedLog.Open(_directory.Path))
        {
            log.Append(new byte[1000]);
            log.Commit();
        }
        using (var file = WalFileSystem.Default.Open(path, FileAccessMode.ReadWrite)) file.Allocate(0, 4 << 20);
        // Without the index the log counts as not closed cleanly.
        File.Delete(_directory[SegmentName.Index(0)]);
        SegmentedLog.Open(_directory.Path).Close();
        Assert.InRange(DiskBytes(path), 0, FirstStepBytes);
    }

    private static long DiskBytes(string path)
    {
        using var stat = Process.Start(
            new ProcessStartInfo("stat", ["-c", "%b", path]) { RedirectStandardOutput = true })!;
        var blocks = stat.StandardOutput.ReadToEnd();
        stat.WaitForExit();
        return long.Parse(blocks, CultureInfo.InvariantCulture) * 512;
    }

    private sealed class RecordingFile : IWalFile
    {
        internal List<(char What, long Position, long Bytes)> Calls { get; } = [];

        public string Path => "recorded";

        public long LengthBytes => 0;

        public int Read(long position, Span<byte> buffer) => 0;

        internal bool IsFull { get; set; }

        public void Write(long position, ReadOnlySpan<byte> bytes)
        {
            if (IsFull) throw new WalIOException("write", Path, true, "no space left");
            Calls.Add(('w', position, bytes.Length));
        }

        public WalIOException? BeginWriteOut(long position, long count)
        {
            Calls.Add(('b', position, count));
            return null;
        }

        public void Write(long position, IReadOnlyList<ReadOnlyMemory<byte>> buffers) =>
            Calls.Add(('w', position, buffers.Sum(buffer => buffer.Length)));

        public WalIOException? Allocate(long position, long count)
        {
            Calls.Add(('a', position, count));
            return null;
        }

        public void SetLength(long lengthBytes)
        {
        }

        public void Sync()
        {
        }

        public void Dispose()
        {
        }
    }
}
