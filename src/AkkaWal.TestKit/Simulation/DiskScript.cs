namespace AkkaWal.TestKit.Simulation;

/// <summary>
/// The gates, faults and notifications that a test has set for operations of a kind on certain files. For any thread.
/// </summary>
internal sealed class DiskScript
{
    private readonly Lock _lock = new();
    private readonly List<(Predicate<DiskOperation> Matches, DiskGate Gate)> _gates = [];
    private readonly List<(string File, int MinBytes, DiskGate Gate)> _readGates = [];
    private readonly List<FaultRule> _faults = [];
    private readonly List<(Predicate<DiskOperation> Matches, TaskCompletionSource<DiskOperation> Done)> _probes = [];

    public DiskGate Hold(DiskOperationKind kind, string file)
    {
        var gate = new DiskGate(fault => Fail(kind, file, fault, times: 1));
        lock (_lock)
            _gates.Add((operation => Is(operation, kind, file), gate));
        return gate;
    }

    public DiskGate HoldReads(string file, int minBytes)
    {
        var gate = new DiskGate();
        lock (_lock)
            _readGates.Add((file, minBytes, gate));
        return gate;
    }

    public void Fail(DiskOperationKind kind, string file, DiskFault fault, int times)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(times, 1);
        lock (_lock)
            _faults.Add(new FaultRule(operation => Is(operation, kind, file), fault) { TimesLeft = times });
    }

    public Task<DiskOperation> Next(DiskOperationKind kind, string file)
    {
        var done = new TaskCompletionSource<DiskOperation>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
            _probes.Add((operation => Is(operation, kind, file), done));
        return done.Task;
    }

    public void Heal()
    {
        lock (_lock)
            _faults.Clear();
    }

    public void OpenGates()
    {
        lock (_lock)
        {
            _gates.ForEach(held => held.Gate.Dispose());
            _readGates.ForEach(held => held.Gate.Dispose());
        }
    }

    /// <summary>Waits at the gates of an operation that is about to begin. Not under the disk's lock.</summary>
    public void Pass(DiskOperationKind kind, string path)
    {
        var operation = new DiskOperation(0, kind, path);
        List<DiskGate> gates;
        lock (_lock)
            gates = [.. from held in _gates where held.Matches(operation) select held.Gate];
        gates.ForEach(gate => gate.Pass());
    }

    /// <summary>Waits at the gates of a read that is about to begin. Not under the disk's lock.</summary>
    public void PassRead(string path, int lengthBytes)
    {
        List<DiskGate> gates;
        lock (_lock)
        {
            // Specs count what a read allocates: without gates this allocates nothing.
            if (_readGates.Count == 0) return;
            gates =
            [
                .. from held in _readGates
                   where lengthBytes >= held.MinBytes && IsOf(path, held.File)
                   select held.Gate,
            ];
        }

        gates.ForEach(gate => gate.Pass());
    }

    public DiskFault? FaultOf(DiskOperation operation)
    {
        lock (_lock)
        {
            var rule = _faults.Find(rule => rule.Matches(operation));
            if (rule is null)
                return null;
            if (--rule.TimesLeft == 0)
                _faults.Remove(rule);
            return rule.Fault;
        }
    }

    /// <summary>Completes the tasks that wait for an operation.</summary>
    public void Tell(DiskOperation operation)
    {
        lock (_lock)
        {
            foreach (var probe in _probes.Where(probe => probe.Matches(operation)))
                probe.Done.SetResult(operation);
            _probes.RemoveAll(probe => probe.Done.Task.IsCompleted);
        }
    }

    private static bool Is(DiskOperation operation, DiskOperationKind kind, string file) =>
        operation.Kind == kind && IsOf(operation.Path, file);

    private static bool IsOf(string path, string file) => path.EndsWith(file, StringComparison.Ordinal);

    private sealed record FaultRule(Predicate<DiskOperation> Matches, DiskFault Fault)
    {
        public int TimesLeft { get; set; }
    }
}
