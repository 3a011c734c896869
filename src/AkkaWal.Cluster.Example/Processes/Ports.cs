using System.Net;
using System.Net.Sockets;

namespace AkkaWal.Cluster.Example.Processes;

/// <summary>Finds ports for nodes.</summary>
internal static class Ports
{
    // Below the range from which the system chooses the ports of outgoing connections: 32768 and above on Linux.
    private const int First = 20_000, Last = 30_000;

    /// <summary>
    /// A port at which no process listens. No outgoing connection gets it, so a node that starts again can use it.
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
