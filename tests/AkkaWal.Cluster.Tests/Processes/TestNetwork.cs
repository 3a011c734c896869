using System.Diagnostics;
using AkkaWal.Cluster.Example.Processes;

namespace AkkaWal.Cluster.Tests.Processes;

/// <summary>
/// A network of this machine's own: a network namespace for each node, and a bridge between them and this process. A
/// node that is cut off sends and gets no packets; nobody is told. All is removed in the end.
/// </summary>
internal sealed class TestNetwork : IDisposable
{
    private const int Port = 4053;

    private static readonly Lazy<string?> Problem = new(FindProblem);

    // Short: the kernel takes 15 letters for a device. The subnet is private, and another one for each run.
    private readonly string _name = $"wal{Guid.NewGuid().ToString("N")[..6]}";
    private readonly string _subnet = $"10.213.{Random.Shared.Next(1, 255)}";
    private readonly int _count;

    internal TestNetwork(int count)
    {
        _count = count;
        try
        {
            Ip("link", "add", Bridge, "type", "bridge");
            Ip("addr", "add", $"{AddressOf(count)}/24", "dev", Bridge);
            Ip("link", "set", Bridge, "up");
            for (var i = 0; i < count; i++) AddNode(i);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Why there can be no such network here; null where there can.</summary>
    internal static string? WhyNone => Problem.Value;

    private string Bridge => $"{_name}b";

    /// <summary>Where a node is; that of this process comes after those with a namespace.</summary>
    internal ProcessCluster.Place PlaceOf(int node) => new(
        AddressOf(node), Port, node < _count ? ["ip", "netns", "exec", SpaceOf(node)] : null);

    /// <summary>From now on the node's packets, and those to it, are dropped.</summary>
    internal void Cut(int node) => Ip("link", "set", DeviceOf(node), "nomaster");

    internal void Heal(int node) => Ip("link", "set", DeviceOf(node), "master", Bridge);

    public void Dispose()
    {
        // Whatever there is of it; its devices go with a namespace.
        for (var i = 0; i < _count; i++) TryIp("netns", "del", SpaceOf(i));
        TryIp("link", "del", Bridge);
    }

    private void AddNode(int node)
    {
        var (space, device) = (SpaceOf(node), DeviceOf(node));
        Ip("netns", "add", space);
        Ip("link", "add", device, "type", "veth", "peer", "name", "eth0", "netns", space);
        Ip("link", "set", device, "master", Bridge, "up");
        Ip("-n", space, "addr", "add", $"{AddressOf(node)}/24", "dev", "eth0");
        Ip("-n", space, "link", "set", "eth0", "up");
        Ip("-n", space, "link", "set", "lo", "up");
    }

    private string AddressOf(int node) => $"{_subnet}.{node + 1}";

    private string SpaceOf(int node) => $"{_name}n{node}";

    private string DeviceOf(int node) => $"{_name}v{node}";

    private static void Ip(params string[] arguments)
    {
        var (status, error) = TryIp(arguments);
        if (status != 0) throw new InvalidOperationException($"ip {string.Join(' ', arguments)}: {error}");
    }

    private static (int Status, string Error) TryIp(params string[] arguments) => Run("ip", arguments);

    private static (int Status, string Error) Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments)
            {
                RedirectStandardOutput = true, RedirectStandardError = true,
            })!;
            process.OutputDataReceived += static (_, _) => { };
            process.BeginOutputReadLine();
            var error = process.StandardError.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, error.Trim());
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            return (-1, e.Message);
        }
    }

    private static string? FindProblem()
    {
        if (!Environment.IsPrivilegedProcess) return "skipped: network namespaces take root";
        if (Run("ip", "-V").Status != 0
            && (Run("apt-get", "update").Status != 0 || Run("apt-get", "install", "-y", "-q", "iproute2").Status != 0))
            return "skipped: the program ip is not installed, and apt-get could not install it";
        try
        {
            using var probe = new TestNetwork(count: 1);
            return null;
        }
        catch (InvalidOperationException e)
        {
            return $"skipped: this machine does not let root make network namespaces and bridges: {e.Message}";
        }
    }
}

/// <summary>A test that needs a network of its own; skipped, with the reason, where there can be none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NetworkFactAttribute : FactAttribute
{
    public NetworkFactAttribute() => Skip = TestNetwork.WhyNone;
}
