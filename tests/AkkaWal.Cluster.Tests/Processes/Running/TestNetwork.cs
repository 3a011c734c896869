using System.Diagnostics;
using AkkaWal.Cluster.Example.Processes;

namespace AkkaWal.Cluster.Tests.Processes.Running;

/// <summary>
/// A network on this machine: a network namespace for each node, and a bridge between them and this process. The
/// packets of a node that is cut off are dropped without an error. Disposing removes all of it.
/// </summary>
internal sealed class TestNetwork : IDisposable
{
    private const int Port = 4053;

    private static readonly Lazy<string?> Problem = new(FindProblem);

    // The name is short, since the name of a device has at most 15 letters. Each run has a private subnet of its own.
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

    /// <summary>Why this machine can't have such a network; null if it can.</summary>
    internal static string? WhyNone => Problem.Value;

    private string Bridge => $"{_name}b";

    /// <summary>The place of a node. The node in this process comes last, and has no namespace.</summary>
    internal ProcessCluster.Place PlaceOf(int node) => new(
        AddressOf(node), Port, node < _count ? ["ip", "netns", "exec", SpaceOf(node)] : null);

    /// <summary>From now on all packets from and to the node are dropped.</summary>
    internal void Cut(int node) => Ip("link", "set", DeviceOf(node), "nomaster");

    internal void Heal(int node) => Ip("link", "set", DeviceOf(node), "master", Bridge);

    public void Dispose()
    {
        // Removes what exists. The devices of a namespace are removed with it.
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

/// <summary>A test that needs a <see cref="TestNetwork"/>. If there can be none, it is skipped with the
/// reason.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NetworkFactAttribute : FactAttribute
{
    public NetworkFactAttribute() => Skip = TestNetwork.WhyNone;
}
