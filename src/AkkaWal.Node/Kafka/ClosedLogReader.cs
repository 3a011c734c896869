using Akka.Actor;
using AkkaWal.Protocol;
using AkkaWal.Storage;
using AkkaWal.Storage.Files;

namespace AkkaWal.Node.Kafka;

/// <summary>
/// Reads keys whose logs are not open: without their locks, without writing, and so without the syncs that opening and
/// closing a log costs. Blocks its thread: it belongs on a dispatcher of the log.
/// </summary>
/// <remarks>
/// A log that was not closed cleanly may hold records that a power cut could take back. Those may not be served: such a
/// log has to be opened. The few readers of logs that are long and read piece by piece are kept, since to look at one
/// costs more the longer its last segment is.
/// </remarks>
internal sealed class ClosedLogReader(IWalFileSystem files, string root, ISegmentArchive? archive) : UntypedActor
{
    /// <summary>How many readers are kept, each with one open file.</summary>
    public const int MaxKept = 8;

    private readonly LogReaderOptions _options = new() { MaxOpenSegments = 1, MaxIndexBytes = 0, Archive = archive };
    private readonly LinkedList<(string Folder, LogReader Reader)> _kept = new();

    protected override void PreRestart(Exception reason, object message)
    {
        if (message is ReadClosed read)
            Sender.Tell(new RequestFailed(FailureKind.Unavailable,
                $"the reader of {read.Folder} failed: {reason.Message}", read.RequestId));
        LetGo();
    }

    protected override void PostStop() => LetGo();

    protected override void OnReceive(object message)
    {
        if (message is ReadClosed read) Sender.Tell(Answer(read), Self);
        else Unhandled(message);
    }

    private LogReply Answer(ReadClosed request)
    {
        string directory = Path.Combine(root, request.Folder);
        var reader = TakeKept(request.Folder);
        try
        {
            if (reader is not null) reader.Refresh();
            else if (files.Stat(directory) is null) return new ClosedRead(request.Offset, [], 0, request.RequestId);
            else reader = LogReader.Open(directory, _options, files);

            if (reader.HasWriter || reader.Damage is not null || reader.NextOffset != reader.DurableNextOffset)
                return new OpeningNeeded(request.RequestId);

            var read = Read(reader, request);
            if (read.FirstOffset + read.Payloads.Count < read.EndOffset) reader = Keep(request.Folder, reader);
            return read;
        }
        catch (WalException)
        {
            // Whoever opens the log tells what is wrong with it.
            return new OpeningNeeded(request.RequestId);
        }
        finally
        {
            reader?.Dispose();
        }
    }

    private static ClosedRead Read(LogReader reader, ReadClosed request)
    {
        var payloads = new List<ReadOnlyMemory<byte>>();
        long first = request.Offset;
        long end = reader.NextOffset;
        long bytesLeft = request.MaxBytes;
        using var cursor = reader.Scan(request.Offset, GapPolicy.Skip);
        while (payloads.Count < request.MaxRecords && bytesLeft > 0 && TryMoveNext(cursor, payloads.Count))
        {
            if (payloads.Count == 0) first = cursor.Offset;
            bool isBehindGap = cursor.Offset != first + payloads.Count;
            bytesLeft -= cursor.Payload.Length;
            if (isBehindGap || (bytesLeft < 0 && payloads.Count > 0)) break;
            payloads.Add(cursor.Payload.ToArray());
        }

        return new ClosedRead(first, payloads, end, request.RequestId);
    }

    // What was read before a damaged record is an answer; that one answers for itself when it is asked for first.
    private static bool TryMoveNext(LogCursor cursor, int readCount)
    {
        try
        {
            return cursor.MoveNext();
        }
        catch (WalException) when (readCount > 0)
        {
            return false;
        }
    }

    private LogReader? TakeKept(string folder)
    {
        for (var node = _kept.First; node is not null; node = node.Next)
        {
            if (node.Value.Folder != folder) continue;
            _kept.Remove(node);
            return node.Value.Reader;
        }

        return null;
    }

    // Gives back the one that has to make way; null where none has.
    private LogReader? Keep(string folder, LogReader reader)
    {
        _kept.AddLast((folder, reader));
        if (_kept.Count <= MaxKept) return null;
        var oldest = _kept.First!.Value.Reader;
        _kept.RemoveFirst();
        return oldest;
    }

    private void LetGo()
    {
        foreach (var (_, reader) in _kept) reader.Dispose();
        _kept.Clear();
    }
}
