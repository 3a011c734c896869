using AkkaWal.Crash.Tests.Workloads;
using AkkaWal.Storage;
using AkkaWal.Storage.Files;
using AkkaWal.TestKit.Simulation;
using Xunit.Abstractions;

namespace AkkaWal.Crash.Tests.Ownership;

/// <summary>Copies of one log that share one archive.</summary>
[Trait("Suite", "Ownership")]
public sealed class SharedArchiveRunSpec(ITestOutputHelper output)
{
    private const int Seeds = 400, Steps = 40;

    [Fact]
    public void Logs_should_read_what_is_theirs_whatever_their_copies_do()
    {
        if (CutBudget.OnlySeed is { } only)
        {
            new SharedArchiveRun(only).Run(Steps);
            return;
        }

        var (all, byCopies) = (0, 0);
        var count = (int)(Seeds * CutBudget.Scale);
        for (var seed = 1; seed <= count; seed++)
        {
            var run = new SharedArchiveRun(seed);
            run.Run(Steps);
            all += run.Archived.All;
            byCopies += run.Archived.ByCopies;
        }

        output.WriteLine($"{count} seeds, {all} segments archived, {byCopies} of them by copies");
        Assert.True(byCopies > count);
    }

    /// <summary>A disk or archive that breaks a promise must make the run fail.</summary>
    [Theory]
    [InlineData(nameof(BrokenDisk.CopiesBearTheSameNumber), false)]
    [InlineData(nameof(BrokenDisk.None), true)]
    public void Copies_that_take_themselves_for_their_origin_should_be_found_out(
        string broken, bool isEverybodysPlace)
    {
        Func<ISegmentArchive, ISegmentArchive>? archive = isEverybodysPlace ? all => new EverybodysArchive(all) : null;
        Assert.Contains(Enumerable.Range(1, 50), seed => Record.Exception(
            () => new SharedArchiveRun(seed, Enum.Parse<BrokenDisk>(broken), archive).Run(Steps))
            is BrokenPromiseException);
    }

    /// <summary>An archive that gives every place to every log.</summary>
    private sealed class EverybodysArchive(ISegmentArchive archive) : ISegmentArchive
    {
        public Guid Claim(Guid place, Guid owner, string description)
        {
            archive.Claim(place, owner, description);
            return owner;
        }

        public Guid? OwnerOf(Guid place) => null;

        public void Store(Guid place, string name, IWalFile source) => archive.Store(place, name, source);

        public IWalFile Open(Guid place, string name) => archive.Open(place, name);

        public void Delete(Guid place, IReadOnlyCollection<string> names) => archive.Delete(place, names);

        public string Describe(Guid place, string name) => archive.Describe(place, name);
    }
}
