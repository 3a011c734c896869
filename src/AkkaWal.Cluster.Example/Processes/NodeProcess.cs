using System.Collections.Concurrent;
using System.Diagnostics;
using AkkaWal.Cluster.Example.Nodes;

namespace AkkaWal.Cluster.Example.Processes;

/// <summary>
/// A node as a process of its own. If the program <c>setpriv</c> is installed, the node ends when this process ends.
/// </summary>
internal sealed class NodeProcess : IDisposable
{
    private const int MostNotes = 200;

    private static readonly BlockingCollection<Action> Starts = [];

    private readonly Process _process;
    private readonly Action<NodeProcess, string> _onLine;
    private readonly ConcurrentQueue<string> _notes = new();
    private readonly TaskCompletionSource _up = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // The kernel sends the signal of setpriv when the thread ends that started the process. So one thread starts all
    // processes, and never ends.
    static NodeProcess() => new Thread(static () =>
    {
        foreach (var start in Starts.GetConsumingEnumerable()) start();
    }) { IsBackground = true, Name = "starts processes" }.Start();

    private NodeProcess(NodeOptions options, IReadOnlyList<string> command, Action<NodeProcess, string> onLine)
    {
        (Options, _onLine) = (options, onLine);
        _process = new Process
        {
            StartInfo = new ProcessStartInfo(command[0], command.Skip(1))
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
        };
        _process.OutputDataReceived += (_, line) => ReceiveLine(line.Data);
        _process.ErrorDataReceived += (_, line) => Note(line.Data);
    }

    internal NodeOptions Options { get; }

    /// <summary>The node's address, as host:port.</summary>
    internal string Name => $"{Options.Host}:{Options.Port}";

    internal int Id => _process.Id;

    internal bool HasExited => _process.HasExited;

    /// <summary>Ends when the node is up in its cluster; fails if the process ends before.</summary>
    internal Task Up => _up.Task;

    /// <summary>Ends when the process has ended and its last line was received.</summary>
    internal Task Ended => _ended.Task;

    /// <summary>The last lines of the process's standard error.</summary>
    internal string Notes => string.Join('\n', _notes);

    /// <summary>Starts a node.</summary>
    /// <param name="options">The node's options.</param>
    /// <param name="onLine">Gets each line of the node's standard output, in order.</param>
    /// <param name="prefix">Words before the command, such as those that choose a network namespace.</param>
    internal static async Task<NodeProcess> Start(
        NodeOptions options, Action<NodeProcess, string> onLine, IReadOnlyList<string>? prefix = null)
    {
        string[] command =
        [
            .. prefix ?? [],
            .. File.Exists("/usr/bin/setpriv") ? ["/usr/bin/setpriv", "--pdeathsig", "KILL"] : Array.Empty<string>(),
            Path.Combine(AppContext.BaseDirectory, "AkkaWal.Cluster.Example"), "node", .. options.ToWords(),
        ];
        var node = new NodeProcess(options, command, onLine);
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Starts.Add(() =>
        {
            try
            {
                node._process.Start();
                started.SetResult();
            }
            catch (Exception e)
            {
                started.SetException(e);
            }
        });
        await started.Task;
        node._process.BeginOutputReadLine();
        node._process.BeginErrorReadLine();
        _ = node.AwaitEnd();
        return node;
    }

    /// <summary>Writes a line to the node's standard input. Does nothing if the process has ended.</summary>
    internal void Tell(string command)
    {
        try
        {
            _process.StandardInput.WriteLine(command);
            _process.StandardInput.Flush();
        }
        catch (IOException) when (_process.HasExited)
        {
            // The process has ended.
        }
    }

    /// <summary>Sends SIGKILL.</summary>
    internal async Task Kill()
    {
        _process.Kill();
        await Ended;
    }

    /// <summary>Sends SIGTERM: the node leaves its cluster and ends.</summary>
    internal async Task Leave()
    {
        Signals.Send(Id, Signals.Terminate);
        await Ended;
    }

    /// <summary>Sends SIGSTOP: the process does not run, but keeps its files and locks.</summary>
    internal void Freeze() => Signals.Send(Id, Signals.Stop);

    /// <summary>Sends SIGCONT: the process runs again.</summary>
    internal void Thaw() => Signals.Send(Id, Signals.Continue);

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private async Task AwaitEnd()
    {
        await _process.WaitForExitAsync();
        _up.TrySetException(new InvalidOperationException(
            $"the node {Name} ended with {_process.ExitCode} before it was up:\n{Notes}"));
        // The exception counts as observed, also if no caller awaits the task.
        _ = _up.Task.Exception;
        _ended.TrySetResult();
    }

    private void ReceiveLine(string? line)
    {
        if (line is null) return;
        if (line.StartsWith($"{NodeWords.Up} ", StringComparison.Ordinal)) _up.TrySetResult();
        _onLine(this, line);
    }

    private void Note(string? line)
    {
        if (line is null) return;
        _notes.Enqueue(line);
        while (_notes.Count > MostNotes) _notes.TryDequeue(out _);
    }
}
