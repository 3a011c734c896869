using System.Collections.Concurrent;
using AkkaWal.Protocol;

namespace AkkaWal.Cluster.Tests.History;

/// <summary>
/// Writers that append to logs without a pause until they are told to stop, and note what they are told.
/// </summary>
internal sealed class Load(HistoryChecker history)
{
    private readonly ConcurrentBag<Task> _writers = [];
    private readonly ConcurrentDictionary<string, bool> _logs = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _progress = new(0);
    private volatile bool _isStopping;

    /// <summary>A writer that takes any offset.</summary>
    internal void Append(IWalClient log, string name, string sender) => Start(name, sender, async entry =>
    {
        try
        {
            entry.Acknowledged(await log.AppendAsync(entry.Payload));
        }
        catch (WalRequestException e)
        {
            if (e.Kind != FailureKind.OutcomeUnknown) entry.Refused();
        }
    });

    /// <summary>A writer that says which offset it expects, and tries the next one where another writer has that.
    /// </summary>
    internal void AppendConditionally(IWalClient log, string name, string sender)
    {
        var expected = 0L;
        Start(name, sender, async entry =>
        {
            while (true)
            {
                try
                {
                    entry.Acknowledged(await log.AppendAsync(entry.Payload, expected));
                    expected++;
                    return;
                }
                catch (WalRequestException e) when (e.NextOffset is { } next)
                {
                    expected = next;
                }
                catch (WalRequestException e) when (e.Kind == FailureKind.OutcomeUnknown)
                {
                    return;
                }
            }
        });
    }

    /// <summary>Waits for so many more appends to end.</summary>
    internal async Task Progress(int appends)
    {
        for (var i = 0; i < appends; i++)
            Assert.True(await _progress.WaitAsync(Nodes.TestCluster.Patience), "the writers have come to a halt");
    }

    /// <summary>No append is begun any more; all have ended when this returns.</summary>
    internal async Task Stop()
    {
        _isStopping = true;
        await Task.WhenAll(_writers);
    }

    /// <summary>Reads all logs, and compares them with the history.</summary>
    /// <returns>How many records there are.</returns>
    internal async Task<int> Check(Func<string, IWalClient> client)
    {
        var count = 0;
        var violations = new List<string>();
        foreach (var log in _logs.Keys)
        {
            var records = new List<ReadOnlyMemory<byte>>();
            await foreach (var record in client(log).ScanAsync(0)) records.Add(record.Payload);
            violations.AddRange(history.Violations(log, records));
            count += records.Count;
        }
        Assert.True(violations.Count == 0, string.Join("\n", violations.Take(20)));
        return count;
    }

    private void Start(string log, string sender, Func<HistoryChecker.Entry, Task> append)
    {
        _logs[log] = true;
        _writers.Add(Task.Run(async () =>
        {
            for (var number = 0; !_isStopping; number++)
            {
                await append(history.Begin(log, sender, number, sizeBytes: 100));
                _progress.Release();
            }
        }));
    }
}
