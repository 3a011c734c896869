using System.Buffers.Binary;
using AkkaWal.Storage.Format;
using AkkaWal.Storage.Index;

namespace AkkaWal.Storage.Tests.Index;

public sealed class PositionTableSpec
{
    private const int Entries = 5000;

    // Equal sizes, sizes that vary, sizes that vary too much to be packed, and positions that no log has.
    public static TheoryData<string> Kinds => ["equal", "varied", "wild", "falling"];

    private static List<uint> Positions(string kind)
    {
        var random = new Random(1);
        var positions = new List<uint>();
        var position = 64u;
        for (var i = 0; i < Entries; i++)
        {
            positions.Add(kind == "falling" ? uint.MaxValue - position : position);
            position += kind switch
            {
                "equal" => 108u,
                "wild" => (uint)random.Next(8, 500_000),
                _ => (uint)random.Next(8, 300),
            };
        }
        return positions;
    }

    private static void AssertHolds(PositionTable table, List<uint> expected)
    {
        Assert.Equal(expected.Count, table.Count);
        for (var i = 0; i < expected.Count; i++) Assert.Equal(expected[i], table[i]);
        var bytes = new byte[expected.Count * sizeof(uint)];
        table.Encode(0, bytes);
        for (var i = 0; i < expected.Count; i++)
            Assert.Equal(expected[i], BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(i * sizeof(uint))));
        Assert.Equal(Crc32C.Compute(bytes), table.Checksum());
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Table_should_hold_what_was_added_packed_or_not(string kind)
    {
        var expected = Positions(kind);
        var table = new PositionTable();
        foreach (var position in expected) table.Add(position);
        AssertHolds(table, expected);
        table.Pack();
        AssertHolds(table, expected);
        table.Add(7);
        AssertHolds(table, [.. expected, 7]);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Table_should_come_back_from_its_file_in_pieces_of_any_size(string kind)
    {
        var expected = Positions(kind);
        var table = new PositionTable();
        foreach (var position in expected) table.Add(position);
        var bytes = new byte[Entries * sizeof(uint)];
        table.Encode(0, bytes);
        foreach (var piece in new[] { 4, 1024, 4096, 16384, bytes.Length })
        {
            var back = new PositionTable();
            for (var at = 0; at < bytes.Length; at += piece)
                back.AddSaved(bytes.AsSpan(at, Math.Min(piece, bytes.Length - at)));
            AssertHolds(back, expected);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Table_should_go_on_from_wherever_it_was_cut(string kind)
    {
        var expected = Positions(kind);
        foreach (var kept in new[] { 0, 1, 15, 16, 17, 1023, 1024, 1025, 3000, 4096, Entries })
        {
            var table = new PositionTable();
            foreach (var position in expected) table.Add(position);
            table.TrimTo(kept);
            AssertHolds(table, expected[..kept]);
            for (var i = kept; i < Entries; i++) table.Add(expected[^(i + 1)]);
            AssertHolds(table, [.. expected[..kept], .. expected.AsEnumerable().Reverse().Skip(kept)]);
        }
    }

    [Fact]
    public void Table_should_take_next_to_nothing_for_records_of_one_size_and_half_of_it_where_sizes_vary()
    {
        long BytesOf(string kind)
        {
            var table = new PositionTable();
            foreach (var position in Positions(kind)) table.Add(position);
            table.Pack();
            return table.MemoryBytes;
        }
        Assert.InRange(BytesOf("equal"), 0, Entries / 10);
        Assert.InRange(BytesOf("varied"), 0, Entries * 2.2);
        Assert.InRange(BytesOf("wild"), 0, Entries * 4.2);
    }
}
