using AkkaWal.TestKit;

namespace AkkaWal.Tests;

/// <summary>Holds whoever passes until it is opened, so that a test decides what comes in between.</summary>
internal sealed class Gate : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly ManualResetEventSlim _reached = new(), _open = new();

    internal DiskFault? Pass(DiskFault? fault)
    {
        _reached.Set();
        _open.Wait(Patience);
        return fault;
    }

    internal void AwaitReached() => Assert.True(_reached.Wait(Patience));

    internal void Open() => _open.Set();

    public void Dispose()
    {
        Open();
        _reached.Dispose();
        _open.Dispose();
    }
}
