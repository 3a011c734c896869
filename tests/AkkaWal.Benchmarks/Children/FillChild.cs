using System.Globalization;
using AkkaWal.Storage;

namespace AkkaWal.Benchmarks.Children;

/// <summary>Appends to a log until it has a size, says so, and waits to be killed.</summary>
internal static class FillChild
{
    internal const string Name = "fill", Ready = "ready";
    private const int CommitBytes = 1 << 20;

    /// <param name="arguments">
    /// The directory, the bytes, the bytes of the last segment, the segment limit, the flush policy, the least and the
    /// most bytes of a record.
    /// </param>
    internal static int Run(string[] arguments)
    {
        var (total, last, limit) = (Number(arguments[1]), Number(arguments[2]), Number(arguments[3]));
        var log = SegmentedLog.Open(
            arguments[0], new WalOptions { Flush = Enum.Parse<FlushPolicy>(arguments[4]), MaxSegmentBytes = limit });
        var (least, most) = ((int)Number(arguments[5]), (int)Number(arguments[6]));
        var payload = new byte[most];
        Array.Fill(payload, (byte)'x');
        var random = new Random(1);
        long bytes = 0, inSegment = 0;
        while (bytes < total || inSegment < last)
        {
            for (var staged = 0; staged < CommitBytes && (bytes < total || inSegment < last);)
            {
                var size = random.Next(least, most + 1);
                log.Append(payload.AsSpan(0, size));
                bytes += size;
                inSegment += size;
                staged += size;
            }
            log.Commit();
            inSegment = log.Segments[^1].SizeBytes;
        }
        Console.Out.WriteLine(Ready);
        Console.Out.Flush();
        // Waits here until its parent kills it.
        Console.In.ReadToEnd();
        return 0;
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
