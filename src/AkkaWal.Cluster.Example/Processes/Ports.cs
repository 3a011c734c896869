using System.Net;
using System.Net.Sockets;

namespace AkkaWal.Cluster.Example.Processes;

/// <summary>Ports of nodes.</summary>
internal static class Ports
{
    private const int First = 20_000, Last = 30_000;

    /// <summary>
    /// One that nobody listens at. It is below those that the system gives to outgoing connections, so a node finds it
    /// free again after a restart.
    /// </summary>
    internal static int Free()
    {
        while (true)
        {
            var port = Random.Shared.Next(First, Last);
            using var probe = new TcpListener(IPAddress.Loopback, port);
            try
            {
                probe.Start();
                return port;
            }
            catch (SocketException)
            {
                // Somebody else has it.
            }
        }
    }
}
