using Akka.Actor;
using AkkaWal.Protocol;
using AkkaWal.Storage;
using AkkaWal.Storage.Files;

namespace AkkaWal.Node.Kafka.Keys;

/// <summary>
/// Reads keys whose logs are not open. It takes no locks and writes nothing, and so saves the syncs of opening and
/// closing a log. It blocks its thread, so it runs on one of the log's dispatchers.
/// </summary>
/// <remarks>
/// A log that was not closed cleanly can hold records that a power cut could still remove. They must not be returned,
/// so such a log has to be opened. A few readers of long logs that are read piece by piece are kept, because opening
/// one costs more the longer the log's last segment is.
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
        DisposeKept();
    }

    protected override void PostStop() => DisposeKept();

    protected override void OnReceive(object message)
    {
        if (message is ReadClosed read) Sender.Tell(Answer(read), Self);
        else Unhandled(message);
    }

    private LogReply Answer(ReadClosed request)
    {
        var directory = Path.Combine(root, request.Folder);
        var reader = RemoveKept(request.Folder);
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
            // Opening the log reports what is wrong with it.
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
        var first = request.Offset;
        var end = reader.NextOffset;
        long bytesLeft = request.MaxBytes;
        using var cursor = reader.Scan(request.Offset, GapPolicy.Skip);
        while (payloads.Count < request.MaxRecords && bytesLeft > 0 && TryMoveNext(cursor, payloads.Count))
        {
            if (payloads.Count == 0) first = cursor.Offset;
            var isBehindGap = cursor.Offset != first + payloads.Count;
            bytesLeft -= cursor.Payload.Length;
            if (isBehindGap || (bytesLeft < 0 && payloads.Count > 0)) break;
            payloads.Add(cursor.Payload.ToArray());
        }

        return new ClosedRead(first, payloads, end, request.RequestId);
    }

    // Records that were read before a damaged one are an answer. The damaged one is reported when it comes first.
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

    private LogReader? RemoveKept(string folder)
    {
        for (var node = _kept.First; node is not null; node = node.Next)
        {
            if (node.Value.Folder != folder) continue;
            _kept.Remove(node);
            return node.Value.Reader;
        }

        return null;
    }

    // Keeps a reader. Returns the one to dispose instead, or null.
    private LogReader? Keep(string folder, LogReader reader)
    {
        _kept.AddLast((folder, reader));
        if (_kept.Count <= MaxKept) return null;
        var oldest = _kept.First!.Value.Reader;
        _kept.RemoveFirst();
        return oldest;
    }

    private void DisposeKept()
    {
        foreach (var (_, reader) in _kept) reader.Dispose();
        _kept.Clear();
    }
}
