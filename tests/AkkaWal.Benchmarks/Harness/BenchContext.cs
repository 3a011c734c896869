using System.Diagnostics;

namespace AkkaWal.Benchmarks.Harness;

/// <summary>Where and how large a run is. Everything below <see cref="Root"/> is gone at its end.</summary>
internal sealed class BenchContext : IDisposable
{
    private int _names;

    /// <param name="options">What the command line says.</param>
    /// <param name="duration">
    /// How long a contender runs where time is what ends it, where that is not the run's own.
    /// </param>
    /// <param name="warmUp">The same of the time before that.</param>
    internal BenchContext(RunOptions options, TimeSpan? duration = null, TimeSpan? warmUp = null)
    {
        Duration = duration ?? TimeSpan.FromMilliseconds(options.IsQuick ? 40 : 1000);
        WarmUp = warmUp ?? TimeSpan.FromMilliseconds(options.IsQuick ? 10 : 300);
        Options = options;
        Root = Path.Combine(options.Directory, $"akkawal-bench-{Environment.ProcessId}");
        Directory.CreateDirectory(Root);
    }

    internal RunOptions Options { get; }

    internal string Root { get; }

    internal bool IsQuick => Options.IsQuick;

    /// <summary>How long a contender runs where time is what ends it.</summary>
    internal TimeSpan Duration { get; }

    /// <summary>How long it runs unmeasured before that.</summary>
    internal TimeSpan WarmUp { get; }

    /// <summary>One of two sizes, by how thorough the run is.</summary>
    internal T Pick<T>(T full, T quick) => IsQuick ? quick : full;

    /// <summary>A path that nobody else uses.</summary>
    internal string NewPath(string name) => Path.Combine(Root, $"{name}-{Interlocked.Increment(ref _names)}");

    /// <summary>Removes what a contender left, and waits until the disk has nothing to do for it.</summary>
    internal static void Remove(string path)
    {
        if (Directory.Exists(path)) Directory.Delete(path, recursive: true);
        else if (File.Exists(path)) File.Delete(path);
    }

    /// <summary>What a contender leaves behind must not slow the next one: its garbage and its dirty pages.</summary>
    internal void Settle()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        if (IsQuick) return;
        using var sync = Process.Start("sync", ["-f", Root]);
        sync.WaitForExit();
    }

    public void Dispose() => Remove(Root);
}
