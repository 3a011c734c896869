namespace AkkaWal.Cluster.Tests.History;

/// <summary>Assertions about a load.</summary>
internal static class LoadExtensions
{
    /// <summary>Reads all logs, and asserts that they agree with the history.</summary>
    /// <returns>How many records there are.</returns>
    internal static async Task<int> Check(this Load load, Func<string, IWalClient> client)
    {
        var verdict = await load.Compare(client);
        Assert.True(
            verdict.Violations.Count == 0,
            string.Join('\n', verdict.Violations.Take(20).Select(violation => violation.Text)));
        return verdict.Records;
    }
}
