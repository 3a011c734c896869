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

    /// <summary>Those who hold a lease now whose name begins so.</summary>
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

    /// <summary>It is somebody else's by now, and nobody has been told.</summary>
    internal void Lose()
    {
        _isHeld = false;
        Holders.TryRemove(KeyValuePair.Create(Settings.LeaseName, this));
    }

    /// <summary>Its holder is told that it has lost it.</summary>
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
