namespace AkkaWal.Cluster.Tests.Nodes;

/// <summary>Asks again and again until an answer is as wanted. For states of which no event tells.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>Returns when the answer is true.</summary>
    internal static async Task True(Func<Task<bool>> isSo, string what, TimeSpan? patience = null)
    {
        var longest = patience ?? TestCluster.Patience;
        using var timer = new PeriodicTimer(Pause);
        using var timeout = new CancellationTokenSource(longest);
        try
        {
            while (!await isSo()) await timer.WaitForNextTickAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"not within {longest}: {what}");
        }
    }

    /// <summary>The first value that is returned without an exception. Others than those that may pass are thrown.
    /// </summary>
    internal static async Task<T> Value<T>(Func<Task<T>> get, Func<Exception, bool> mayPass)
    {
        using var timer = new PeriodicTimer(Pause);
        using var timeout = new CancellationTokenSource(TestCluster.Patience);
        while (true)
        {
            try
            {
                return await get();
            }
            catch (Exception e) when (mayPass(e) && !timeout.IsCancellationRequested)
            {
                await timer.WaitForNextTickAsync(CancellationToken.None);
            }
        }
    }
}
