using System.Collections.Concurrent;
using Akka.Coordination;
using Akka.Hosting;
using Akka.Hosting.Coordination;

namespace AkkaWal.Cluster.Tests.Nodes;

/// <summary>A lease in this process, which a spec can take away.</summary>
public sealed class TestLease(LeaseSettings settings) : Lease(settings)
{
    private static readonly ConcurrentDictionary<string, TestLease> Holders = new(StringComparer.Ordinal);

    private volatile bool _isHeld;
    private Action<Exception>? _lost;

    /// <summary>The leases that are held now and whose name begins with a prefix.</summary>
    internal static IEnumerable<TestLease> HeldBy(string prefix) =>
        Holders.Where(pair => pair.Key.StartsWith(prefix, StringComparison.Ordinal)).Select(pair => pair.Value);

    public override Task<bool> Acquire() => Acquire(_ => { });

    public override Task<bool> Acquire(Action<Exception> leaseLostCallback)
    {
        if (Holders.GetOrAdd(Settings.LeaseName, this) != this) return Task.FromResult(false);
        (_lost, _isHeld) = (leaseLostCallback, true);
        return Task.FromResult(true);
    }

    public override Task<bool> Release()
    {
        _isHeld = false;
        return Task.FromResult(Holders.TryRemove(KeyValuePair.Create(Settings.LeaseName, this)));
    }

    public override bool CheckLease() => _isHeld;

    /// <summary>Ends the hold of the lease without telling its holder.</summary>
    internal void Lose()
    {
        _isHeld = false;
        Holders.TryRemove(KeyValuePair.Create(Settings.LeaseName, this));
    }

    /// <summary>Gives a lease back that was lost, also without telling its holder.</summary>
    internal void GiveBack() => Assert.True(_isHeld = Holders.TryAdd(Settings.LeaseName, this));

    /// <summary>Tells its holder that it has lost the lease.</summary>
    internal void TellLoss() => _lost!(new InvalidOperationException("the lease was taken away"));
}

/// <summary>Names the configuration of a <see cref="TestLease"/>.</summary>
internal sealed class TestLeaseOptions : LeaseOptionBase
{
    internal const string Hocon =
        "test-lease { lease-class = \"AkkaWal.Cluster.Tests.Nodes.TestLease, AkkaWal.Cluster.Tests\" }";

    public override string ConfigPath => "test-lease";

    public override Type Class => typeof(TestLease);

    public override void Apply(AkkaConfigurationBuilder builder, Akka.Actor.Setup.Setup? setup = null)
    {
    }
}
