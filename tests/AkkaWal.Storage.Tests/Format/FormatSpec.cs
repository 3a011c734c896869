using System.Text;
using AkkaWal.Storage.Format;

namespace AkkaWal.Storage.Tests.Format;

public sealed class FormatSpec
{
    private static readonly Guid LogId = new("00112233-4455-6677-8899-aabbccddeeff");

    [Theory]
    [InlineData("", 0x00000000u)]
    [InlineData("123456789", 0xE3069283u)]
    [InlineData("The quick brown fox jumps over the lazy dog", 0x22620404u)]
    public void Crc32c_should_match_the_published_values(string text, uint expected) =>
        Assert.Equal(expected, Crc32C.Compute(Encoding.ASCII.GetBytes(text)));

    [Fact]
    public void Crc32c_should_match_its_definition_bit_by_bit_at_every_length()
    {
        var bytes = new byte[41];
        new Random(1).NextBytes(bytes);
        for (var length = 0; length <= bytes.Length; length++)
        {
            var state = uint.MaxValue;
            foreach (var single in bytes.AsSpan(0, length))
            {
                state ^= single;
                // The polynomial of RFC 3720, lowest bit first.
                for (var bit = 0; bit < 8; bit++) state = (state >> 1) ^ ((state & 1) * 0x82F63B78u);
            }
            Assert.Equal(~state, Crc32C.Compute(bytes.AsSpan(0, length)));
        }
    }

    [Fact]
    public void Three_frames_should_match_whatever_their_lengths_and_none_when_any_is_not_whole()
    {
        var (salt, offset, random) = (Frame.SaltState(42), 1000L, new Random(1));
        int[] lengths = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 15, 16, 23, 100];
        foreach (var a in lengths)
            foreach (var b in lengths)
                foreach (var c in lengths)
                {
                    byte[] frames = [.. Encode(a, 0), .. Encode(b, 1), .. Encode(c, 2)];
                    Assert.True(Frame.ThreeMatch(frames, salt, offset, out var frameBytes));
                    Assert.Equal(frames.Length, frameBytes);
                    Assert.True(Frame.ThreeMatch([.. frames, 0xFF], salt, offset, out frameBytes));
                    Assert.Equal(frames.Length, frameBytes);
                    Assert.False(Frame.ThreeMatch(frames.AsSpan(0, frames.Length - 1), salt, offset, out _));
                    Assert.False(Frame.ThreeMatch(frames, salt, offset + 1, out _));
                    frames[random.Next(frames.Length)] ^= (byte)(1 << random.Next(8));
                    Assert.False(Frame.ThreeMatch(frames, salt, offset, out _));
                }

        byte[] Encode(int length, int place)
        {
            var payload = new byte[length];
            random.NextBytes(payload);
            var frame = new byte[Frame.SizeOf(length)];
            Frame.Encode(frame, payload, salt, offset + place, continues: place == 1);
            return frame;
        }
    }

    [Fact]
    public void Frame_should_come_back_and_fit_no_other_place()
    {
        var salt = Frame.SaltState(42);
        var payload = Encoding.UTF8.GetBytes("set x=42");
        var frame = new byte[Frame.SizeOf(payload.Length)];
        Frame.Encode(frame, payload, salt, 7, continues: true);
        Assert.Equal(16, frame.Length);
        Assert.True(Frame.TryReadHeader(frame, out var header));
        Assert.Equal((8, true), (header.PayloadBytes, header.Continues));
        Assert.True(Frame.Matches(header, payload, salt, 7));
        Assert.False(Frame.Matches(header, payload, salt, 8));
        Assert.False(Frame.Matches(header, payload, Frame.SaltState(43), 7));
    }

    [Fact]
    public void Frame_should_be_what_the_format_says_byte_for_byte()
    {
        var frame = new byte[Frame.SizeOf(1)];
        Frame.Encode(frame, "a"u8, Frame.SaltState(0), 0, continues: false);
        // Salt, stored length, payload, offset.
        var checksum = Crc32C.Compute([.. new byte[8], 1, 0, 0, 0x80, (byte)'a', .. new byte[8]]);
        Assert.Equal([1, 0, 0, 0x80, .. BitConverter.GetBytes(checksum), (byte)'a'], frame);
    }

    [Fact]
    public void Zeros_should_never_be_a_frame() =>
        Assert.False(Frame.TryReadHeader(new byte[Frame.HeaderBytes], out _));

    [Fact]
    public void Segment_header_should_refuse_every_flipped_bit()
    {
        var header = SegmentHeader.Create(LogId, 1000);
        var bytes = header.Encode();
        Assert.Equal(header, SegmentHeader.Decode(bytes, "x", LogId, 1000));
        ForEachFlip(
            bytes,
            flipped => Assert.Throws<WalDamagedException>(() => SegmentHeader.Decode(flipped, "x", LogId, 1000)));
    }

    [Fact]
    public void Index_slot_should_lose_to_the_newer_one_and_refuse_every_flipped_bit()
    {
        var log = SegmentHeader.Create(LogId, 10);
        var slot = new IndexSlot(IndexState.Active, log.Salt, 10, 4, new Watermark(12, 96), 1000, 0, 0);
        var head = new byte[IndexSlot.EntriesAt];
        slot.Encode(head.AsSpan((int)slot.WriteAt));
        Assert.Equal(slot, IndexSlot.Newest(head, log));
        ForEachFlip(head[..IndexSlot.SizeBytes], flipped => Assert.Null(IndexSlot.Newest(flipped, log)));

        var newer = slot with { Sequence = 5, State = IndexState.Sealed };
        newer.Encode(head.AsSpan((int)newer.WriteAt));
        Assert.Equal(newer, IndexSlot.Newest(head, log));
        Assert.Null(IndexSlot.Newest(head, SegmentHeader.Create(LogId, 10)));
    }

    [Fact]
    public void Manifest_should_come_back_and_refuse_every_flipped_bit_and_every_cut()
    {
        var manifest = new Manifest(
            LogId, 5, true, [new OffsetRange(0, 5)], [new SealedSegment(5, 9, 64, SegmentState.Sealed, 0, 1234)]);
        var bytes = manifest.Encode();
        var back = Manifest.Decode(bytes, "x");
        Assert.Equal(
            (manifest.LogId, manifest.StartOffset, manifest.HasSegments),
            (back.LogId, back.StartOffset, back.HasSegments));
        Assert.Equal(manifest.DeletedRanges, back.DeletedRanges);
        Assert.Equal(manifest.SealedSegments, back.SealedSegments);
        ForEachFlip(bytes, flipped => Assert.Throws<WalDamagedException>(() => Manifest.Decode(flipped, "x")));
        for (var length = 0; length < bytes.Length; length++)
            Assert.Throws<WalDamagedException>(() => Manifest.Decode(bytes.AsSpan(0, length), "x"));
    }

    [Theory]
    [InlineData("00000000.log", 0)]
    [InlineData("00001000.log", 1000)]
    [InlineData("123456789.log", 123456789)]
    public void Segment_name_should_be_its_base_offset(string name, long baseOffset)
    {
        Assert.True(SegmentName.TryParse(name, SegmentName.LogSuffix, out var parsed));
        Assert.Equal(baseOffset, parsed);
        Assert.Equal(name, SegmentName.Log(baseOffset));
    }

    [Theory]
    [InlineData("0.log")]
    [InlineData("000000000.log")]
    [InlineData("-0000001.log")]
    [InlineData("+0000001.log")]
    [InlineData("00000000.LOG")]
    [InlineData("../00000000.log")]
    [InlineData(" 0000000.log")]
    [InlineData("99999999999999999999.log")]
    [InlineData(".log")]
    public void Segment_name_should_be_refused_when_the_log_would_not_write_it(string name) =>
        Assert.False(SegmentName.TryParse(name, SegmentName.LogSuffix, out _));

    private static void ForEachFlip(byte[] bytes, Action<byte[]> check)
    {
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            var flipped = (byte[])bytes.Clone();
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            check(flipped);
        }
    }
}
