using System.Net;
using System.Net.Sockets;

namespace AkkaWal.Cluster.Example.Processes;

/// <summary>Finds ports for nodes.</summary>
internal static class Ports
{
    private const int First = 20_000, Last = 30_000;

    /// <summary>
    /// A port at which no process listens. The system does not give such low ports to outgoing connections, so it is
    /// still free when a node starts again.
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
                // Another process listens there.
            }
        }
    }
}
