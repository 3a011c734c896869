using System.Text;

namespace AkkaWal.Storage.Tests.Golden;

/// <summary>
/// A copy of a log that an older version of the code wrote, with its archive. README.md in this folder describes it.
/// </summary>
internal sealed class GoldenLog : IDisposable
{
    internal const long NextOffset = 256, FirstDeleted = 80, BehindDeleted = 120;

    private static readonly string[] Sealed = [".log", ".logz", ".index"];

    private readonly TemporaryDirectory _place = new();

    /// <param name="name"><c>stopped</c> or <c>killed</c>.</param>
    /// <param name="version">The version of the format.</param>
    internal GoldenLog(string name, int version = 1)
    {
        var golden = Path.Combine(AppContext.BaseDirectory, "Golden", $"version-{version}");
        Copy(Path.Combine(golden, name), Directory);
        Copy(Path.Combine(golden, "archive"), _place["archive"]);
        Options = new WalOptions { Archive = Archive };
    }

    internal string Directory => _place["log"];

    internal string this[string name] => Path.Combine(Directory, name);

    internal ISegmentArchive Archive => new DirectoryArchive(WalFileSystem.Default, _place["archive"]);

    internal WalOptions Options { get; }

    /// <summary>The payload at an offset.</summary>
    internal static byte[] Payload(long offset)
    {
        if (offset is < 160 or >= 170)
            return Encoding.UTF8.GetBytes(
                $"{{\"offset\": {offset}, \"text\": \"golden record, made once and read for ever\"}}");
        var bytes = new byte[400];
        new Random((int)offset).NextBytes(bytes);
        return bytes;
    }

    internal static bool IsDeleted(long offset) => offset is >= FirstDeleted and < BehindDeleted;

    public void Dispose() => _place.Dispose();

    private static void Copy(string from, string to)
    {
        System.IO.Directory.CreateDirectory(to);
        foreach (var path in System.IO.Directory.EnumerateFiles(from))
        {
            var copy = Path.Combine(to, Path.GetFileName(path));
            File.Copy(path, copy);
            var isActive = Path.GetFileNameWithoutExtension(copy) == "00000250";
            var isSealed = !isActive && Sealed.Contains(Path.GetExtension(copy));
            if (isSealed) WalFileSystem.Default.MakeReadOnly(copy);
        }
        foreach (var path in System.IO.Directory.EnumerateDirectories(from))
            Copy(path, Path.Combine(to, Path.GetFileName(path)));
    }
}
