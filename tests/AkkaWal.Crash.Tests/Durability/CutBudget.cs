using System.Diagnostics;
using System.Globalization;
using AkkaWal.Storage;
using Xunit.Abstractions;

namespace AkkaWal.Crash.Tests.Durability;

/// <summary>
/// How many cuts a run makes: AKKAWAL_CUTS in all, 120,000 where it is not set. AKKAWAL_SEED runs that seed alone.
/// </summary>
internal static class CutBudget
{
    private const long DefaultCuts = 120_000;
    private const int SeedsApart = 1_000_000;

    public static int? OnlySeed => Environment.GetEnvironmentVariable("AKKAWAL_SEED") is { Length: > 0 } text
        ? int.Parse(text, CultureInfo.InvariantCulture)
        : null;

    /// <summary>How much more, or less, is asked for than the ordinary run does.</summary>
    public static double Scale => (double)AllCuts / DefaultCuts;

    private static long AllCuts => Environment.GetEnvironmentVariable("AKKAWAL_CUTS") is { Length: > 0 } text
        ? long.Parse(text, CultureInfo.InvariantCulture)
        : DefaultCuts;

    /// <summary>Runs seeds until a share of the cuts is made.</summary>
    public static void Spend(double share, FlushPolicy? policy, ITestOutputHelper output)
    {
        if (OnlySeed is { } only)
        {
            new CrashRun(only, policy).Run();
            return;
        }

        var clock = Stopwatch.StartNew();
        // Each policy gets seeds of its own, also where a workload can't tell policies apart.
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
