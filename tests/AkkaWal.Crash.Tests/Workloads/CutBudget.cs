using System.Diagnostics;
using System.Globalization;
using AkkaWal.Crash.Tests.PowerCuts;
using AkkaWal.Storage;
using Xunit.Abstractions;

namespace AkkaWal.Crash.Tests.Workloads;

/// <summary>
/// The number of power cuts of a test run: AKKAWAL_CUTS in all, by default 120,000. AKKAWAL_SEED runs one seed only.
/// </summary>
internal static class CutBudget
{
    private const long DefaultCuts = 120_000;
    private const int SeedsApart = 1_000_000;

    public static int? OnlySeed => Environment.GetEnvironmentVariable("AKKAWAL_SEED") is { Length: > 0 } text
        ? int.Parse(text, CultureInfo.InvariantCulture)
        : null;

    /// <summary>The size of the run, relative to the default.</summary>
    public static double Scale => (double)AllCuts / DefaultCuts;

    private static long AllCuts => Environment.GetEnvironmentVariable("AKKAWAL_CUTS") is { Length: > 0 } text
        ? long.Parse(text, CultureInfo.InvariantCulture)
        : DefaultCuts;

    /// <summary>Runs seeds until a share of the cuts has been made.</summary>
    public static void Spend(double share, FlushPolicy? policy, ITestOutputHelper output)
    {
        if (OnlySeed is { } only)
        {
            new CrashRun(only, policy).Run();
            return;
        }

        var clock = Stopwatch.StartNew();
        // Each policy has its own seeds, also for workloads that are the same under all policies.
        var first = policy is null ? 0 : SeedsApart * (int)policy;
        var (seed, cuts, looks) = (first, 0L, 0L);
        while (cuts < AllCuts * share)
        {
            var run = new CrashRun(++seed, policy);
            run.Run();
            cuts += run.Cuts;
            looks += run.Looks;
        }

        output.WriteLine(
            $"{cuts} cuts, {seed - first} seeds, {looks} looks without writing, {clock.Elapsed.TotalSeconds:F1} s");
    }
}
