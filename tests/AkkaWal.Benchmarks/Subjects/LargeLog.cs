using System.Globalization;
using AkkaWal.Benchmarks.Children;
using AkkaWal.Benchmarks.Harness;
using AkkaWal.Storage;

namespace AkkaWal.Benchmarks.Subjects;

/// <summary>A log whose writer was killed. It can be put back into that state.</summary>
internal sealed class LargeLog : IDisposable
{
    private readonly string _kept;

    /// <param name="context">The run.</param>
    /// <param name="totalBytes">About how large it is.</param>
    /// <param name="flush">The writer's policy.</param>
    /// <param name="leastBytes">The size of its smallest records; all sizes up to the largest are as likely.</param>
    /// <param name="mostBytes">The size of its largest records.</param>
    internal LargeLog(
        BenchContext context, long totalBytes, FlushPolicy flush, int leastBytes = 100, int mostBytes = 100)
    {
        Path = context.NewPath("large");
        _kept = context.NewPath("large-kept");
        Directory.CreateDirectory(_kept);
        var limit = context.Pick(64L << 20, 256 << 10);
        using (var child = Child.Start(
            FillChild.Name, Path, Text(totalBytes), Text(limit / 2), Text(limit), flush.ToString(),
            Text(leastBytes), Text(mostBytes)))
        {
            if (child.StandardOutput.ReadLine() != FillChild.Ready)
                throw new InvalidOperationException(child.StandardError.ReadToEnd());
            Child.KillHard(child);
        }
        string[] files = [.. Directory.GetFiles(Path, "*.log").Order(StringComparer.Ordinal)];
        (LastFile, LastSealedFile) = (files[^1], files[^2]);
        foreach (var file in ChangingFiles)
            File.Copy(file, System.IO.Path.Combine(_kept, System.IO.Path.GetFileName(file)));
    }

    internal string Path { get; }

    /// <summary>The segment that was being written.</summary>
    internal string LastFile { get; }

    /// <summary>The one before, which is full.</summary>
    internal string LastSealedFile { get; }

    private string[] ChangingFiles =>
        [LastFile, System.IO.Path.ChangeExtension(LastFile, ".index"), System.IO.Path.Combine(Path, "MANIFEST")];

    /// <summary>Puts back what an opening changes.</summary>
    internal void AsKilled()
    {
        foreach (var file in ChangingFiles)
            File.Copy(System.IO.Path.Combine(_kept, System.IO.Path.GetFileName(file)), file, overwrite: true);
    }

    public void Dispose()
    {
        BenchContext.Remove(Path);
        BenchContext.Remove(_kept);
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
