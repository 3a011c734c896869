namespace AkkaWal.Node.Startup;

/// <summary>The text of --help.</summary>
internal static class HelpText
{
    public const string Text = """
AkkaWal.Node: a segmented write-ahead log behind Maelstrom's protocol.

Reads one JSON object a line on standard input, writes one a line on standard output, and notes for people on
standard error. It ends at the end of its input, or by SIGTERM or SIGINT, with everything durable and answered.

usage: AkkaWal.Node [node] [--data-dir DIR] [--flush POLICY] [--max-segment-bytes N] [--config FILE]

  --data-dir DIR          keep each node's log in DIR/NODE_ID, and find it there again (environment: AKKAWAL_DATA_DIR).
                          Without it, a fresh private folder below the temporary folder, removed at a clean end
  --flush POLICY          what an acknowledged append has survived (environment: AKKAWAL_FLUSH)
                            always     a power cut: it is on the disk (default)
                            interval   kill -9; it is synced every akka-wal.flush-interval
                            os-cache   kill -9; it is synced at a roll, when asked for, and at a clean end
  --max-segment-bytes N   the size in bytes, 1 to 4294967295, beyond which a segment seals itself (default: 64 MiB)
  --config FILE           HOCON to lay over the node's own; hocon/reference.conf and hocon/node.conf name every
                          key, and one of akka-wal that they do not name is refused
  --help, --version       print this, or the version, and end

What is said in several places holds in this order: a flag, the environment, --config, hocon/node.conf,
hocon/reference.conf.

exit status: 0 after a clean end, 1 where something could not be finished, 2 for a wrong flag or configuration

For operators, on the directory of one log; AkkaWal.Node VERB --help tells of each:

  inspect, verify, repair       what a log holds; what is wrong with it; mend that
  dump, tail, append            print records; append lines of standard input
  compress, archive, truncate   what can be done with old segments
  backup, restore               copy a log, in use or not; copy it back
  bench                         measure the disk, and a log on it

try:  echo '{"src":"c0","dest":"n1","body":{"type":"init","msg_id":1,"node_id":"n1","node_ids":["n1"]}}' | AkkaWal.Node

""";
}
