namespace AkkaWal.Benchmarks.Subjects;

/// <summary>What is appended: the same bytes for everybody, and no zeros.</summary>
internal static class Payloads
{
    internal static byte[] Of(int bytes)
    {
        var payload = new byte[bytes];
        for (var i = 0; i < bytes; i++) payload[i] = (byte)('a' + i % 26);
        return payload;
    }
}
