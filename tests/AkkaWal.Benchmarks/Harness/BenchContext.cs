using System.Diagnostics;

namespace AkkaWal.Benchmarks.Harness;

/// <summary>The directory and the sizes of a run. Everything below <see cref="Root"/> is deleted at its end.</summary>
internal sealed class BenchContext : IDisposable
{
    private int _names;

    /// <param name="options">What the command line says.</param>
    /// <param name="duration">
    /// How long a contender runs if it runs for a time; null for the run's own duration.
    /// </param>
    /// <param name="warmUp">How long it runs unmeasured before; null for the run's own warm-up.</param>
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

    /// <summary>How long a contender runs if it runs for a time.</summary>
    internal TimeSpan Duration { get; }

    /// <summary>How long it runs unmeasured before that.</summary>
    internal TimeSpan WarmUp { get; }

    /// <summary>Chooses the size for a full run or that for a quick run.</summary>
    internal T Pick<T>(T full, T quick) => IsQuick ? quick : full;

    /// <summary>A path that nobody else uses.</summary>
    internal string NewPath(string name) => Path.Combine(Root, $"{name}-{Interlocked.Increment(ref _names)}");

    /// <summary>How long a call takes, by as many as there are in the time of a contender.</summary>
    /// <param name="call">The call.</param>
    /// <param name="callsPerLook">
    /// The calls between two looks at the clock: many where a call is shorter than a look.
    /// </param>
    internal double NanosecondsPerCall(Action call, int callsPerLook = 1000)
    {
        for (var warm = Stopwatch.StartNew(); warm.Elapsed < WarmUp;) call();
        long count = 0;
        var clock = Stopwatch.StartNew();
        for (; clock.Elapsed < Duration; count += callsPerLook)
            for (var i = 0; i < callsPerLook; i++) call();
        return clock.Elapsed.TotalNanoseconds / count;
    }

    /// <summary>Deletes a contender's files.</summary>
    internal static void Remove(string path)
    {
        if (Directory.Exists(path)) Directory.Delete(path, recursive: true);
        else if (File.Exists(path)) File.Delete(path);
    }

    /// <summary>Collects a contender's garbage and writes its dirty pages: neither may slow the next one.</summary>
    internal void CollectAndSync()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        if (IsQuick) return;
        using var sync = Process.Start("sync", ["-f", Root]);
        sync.WaitForExit();
    }

    public void Dispose() => Remove(Root);
}
