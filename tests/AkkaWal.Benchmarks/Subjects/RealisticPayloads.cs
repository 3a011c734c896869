using System.Text;

namespace AkkaWal.Benchmarks.Subjects;

/// <summary>
/// Records as applications write them, from a seed. Equal bytes would compress far better than any real record.
/// </summary>
internal sealed class RealisticPayloads(int seed)
{
    internal const string Json = "JSON", Text = "text", Incompressible = "incompressible";

    // Frequent English words, the most frequent first.
    private static readonly string[] Words = """
        the of and to in is that it was for on are as with his they be at one have this from or had by not but what all
        were when we there can an your which their said if do will each about how up out them then she many some so
        these would other into has more two like him see time could no make than first been its who now people my made
        over did down only way find use may water long little very after words called just where most know get through
        back much before go good new write our used me man too any day same right look think also around another came
        come work three word must because does part even place well such here take why help put different away again off
        went old number great tell men say small every found still between name should home big give air line set own
        under read last never us left end along while might next sound below saw something thought both few those always
        looked show large
        """.Split((char[])[' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries);

    private readonly Random _random = new(seed);

    internal static IReadOnlyList<string> Kinds { get; } = [Json, Text, Incompressible];

    internal byte[] Next(string kind) => kind switch
    {
        Json => Encoding.UTF8.GetBytes(Order()),
        Text => Encoding.UTF8.GetBytes(Sentence(_random.Next(10, 60))),
        _ => Noise(_random.Next(50, 600)),
    };

    private string Order() =>
        $$"""{"order_id":"{{new Guid(Noise(16))}}","customer":{{_random.Next(100_000)}}"""
        + $$""","sku":"SKU-{{_random.Next(5000):D6}}","quantity":{{_random.Next(1, 20)}}"""
        + $$""","unit_price":{{_random.Next(100, 99_999) / 100.0:F2}}"""
        + $$""","currency":"EUR","status":"{{(_random.Next(3) == 0 ? "shipped" : "pending")}}","created_at":"2026"""
        + $$"""-11-{{_random.Next(1, 29):D2}}T{{_random.Next(24):D2}}:{{_random.Next(60):D2}}:{{_random.Next(60):D2}}"""
        + $$""".{{_random.Next(1000):D3}}Z","region":"eu-"""
        + $$"""west-{{_random.Next(1, 4)}}","note":"{{Sentence(_random.Next(8))}}"}""";

    private string Sentence(int words) => string.Join(
        ' ', Enumerable.Range(0, words).Select(_ => Words[(int)(Words.Length * Math.Pow(_random.NextDouble(), 2))]));

    private byte[] Noise(int bytes)
    {
        var noise = new byte[bytes];
        _random.NextBytes(noise);
        return noise;
    }
}
