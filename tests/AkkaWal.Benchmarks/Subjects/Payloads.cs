namespace AkkaWal.Benchmarks.Subjects;

/// <summary>The payloads: the same bytes for every contender, and no zeros.</summary>
internal static class Payloads
{
    internal static byte[] Of(int bytes)
    {
        var payload = new byte[bytes];
        for (var i = 0; i < bytes; i++) payload[i] = (byte)('a' + i % 26);
        return payload;
    }
}
