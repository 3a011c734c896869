using System.Net;
using System.Net.Sockets;

namespace AkkaWal.Tests.Remote;

/// <summary>
/// Stands between two nodes: passes on what either sends until a test breaks the connection, or holds it back. Every
/// connection is to <see cref="Port"/>, and goes on to <see cref="TargetPort"/>.
/// </summary>
internal sealed class TcpProxy : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Lock _gate = new();
    private readonly List<(TcpClient Outer, TcpClient Inner)> _connections = [];
    private TaskCompletionSource _passing = new();
    private bool _isBroken;

    internal TcpProxy()
    {
        _passing.SetResult();
        _listener.Start();
        TargetPort = FreePort();
        _ = Accept();
    }

    /// <summary>Where others connect to.</summary>
    internal int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Where the node behind it has to listen.</summary>
    internal int TargetPort { get; }

    /// <summary>Closes all connections, and each new one at once, until <see cref="Mend"/>.</summary>
    internal void Break()
    {
        lock (_gate)
        {
            _isBroken = true;
            foreach (var (outer, inner) in _connections) Close(outer, inner);
            _connections.Clear();
            _passing.TrySetResult();
        }
    }

    /// <summary>Passes nothing on until <see cref="Mend"/>; what is held back is lost in a break.</summary>
    internal void Hold()
    {
        lock (_gate) _passing = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>Connections work again.</summary>
    internal void Mend()
    {
        lock (_gate)
        {
            _isBroken = false;
            _passing.TrySetResult();
        }
    }

    public void Dispose()
    {
        Break();
        _listener.Dispose();
    }

    // Below those that the system gives to clients, which could take it before the node does.
    private static int FreePort()
    {
        while (true)
        {
            try
            {
                using var trial = new TcpListener(IPAddress.Loopback, Random.Shared.Next(20_000, 32_000));
                trial.Start();
                return ((IPEndPoint)trial.LocalEndpoint).Port;
            }
            catch (SocketException)
            {
                // Somebody has it.
            }
        }
    }

    private static void Close(TcpClient outer, TcpClient inner)
    {
        outer.Dispose();
        inner.Dispose();
    }

    private async Task Accept()
    {
        while (true)
        {
            TcpClient outer, inner = new();
            try
            {
                outer = await _listener.AcceptTcpClientAsync();
            }
            catch (Exception e) when (e is ObjectDisposedException or SocketException)
            {
                inner.Dispose();
                return;
            }
            try
            {
                await inner.ConnectAsync(IPAddress.Loopback, TargetPort);
            }
            catch (SocketException)
            {
                // The node does not run.
            }
            lock (_gate)
            {
                if (_isBroken || !inner.Connected)
                {
                    Close(outer, inner);
                    continue;
                }
                _connections.Add((outer, inner));
            }
            _ = Pass(outer, inner);
            _ = Pass(inner, outer);
        }
    }

    private async Task Pass(TcpClient from, TcpClient to)
    {
        var buffer = new byte[1 << 16];
        try
        {
            var (source, target) = (from.GetStream(), to.GetStream());
            while (await source.ReadAsync(buffer) is > 0 and var count)
            {
                await _passing.Task;
                await target.WriteAsync(buffer.AsMemory(0, count));
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // One end has closed it.
        }
        Close(from, to);
    }
}
