using System.Diagnostics;
using AkkaWal.Storage.Files;
using AkkaWal.Storage.Tail;

namespace AkkaWal.Storage;

/// <summary>
/// Appends to one log from any number of threads, with group commit and without actors. The first caller becomes the
/// leader and commits on its own thread; appends that come meanwhile wait, and share the next commit.
/// </summary>
/// <remarks>
/// <para>
/// All members may be called from any thread. To read the log, open a <see cref="LogReader"/>, in this process or
/// another. The caller must not change a payload until its append has ended.
/// </para>
/// <para>
/// An append cannot be cancelled. It ends when its records are as durable as <see cref="WalOptions.Flush"/> promises,
/// or with one of the log's errors. <see cref="WalLackException"/> and <see cref="WalReadOnlyException"/> mean that it
/// did not happen. After <see cref="WalOutcomeUnknownException"/> the next opening tells whether it happened.
/// </para>
/// </remarks>
public sealed class LogAppender : IAsyncDisposable
{
    private readonly SegmentedLog _log;
    private readonly WalOptions _options;
    private readonly long _maxPendingBytes;
    private readonly Lock _gate = new();
    private readonly CommitDelay _delay = new();

    // For the leader's thread alone: the appends that are staged, and an error that is none of the log's own.
    private readonly List<PendingAppend> _staged = [];
    private Exception? _defect;

    // These and the following fields are changed under the gate.
    private List<PendingAppend> _queue = [], _spare = [];
    private long _pendingBytes;
    private bool _hasLeader, _isClosed;
    private TaskCompletionSource? _roomOrIdle;

    private LogAppender(SegmentedLog log, WalOptions options, long maxPendingBytes) =>
        (_log, _options, _maxPendingBytes) = (log, options, maxPendingBytes);

    /// <summary>Opens a log, and creates it where there is none. Errors as <see cref="SegmentedLog.Open"/>.</summary>
    /// <param name="directory">An absolute path. It is created, with its parents, where it is missing.</param>
    /// <param name="options">How the log is kept; the defaults where null.</param>
    /// <param name="files">The file system; the machine's own where null.</param>
    /// <param name="note">Takes lines for people, as that of <see cref="SegmentedLog.Open"/>. Null drops them.</param>
    /// <param name="maxPendingBytes">
    /// How many bytes, payloads and frame headers, may wait for a commit. A further append waits until there is room. A
    /// single append may always wait, whatever its size. 1 or more.
    /// </param>
    public static LogAppender Open(
        string directory, WalOptions? options = null, IWalFileSystem? files = null, Action<string>? note = null,
        long maxPendingBytes = 64 << 20)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxPendingBytes, 1);
        options ??= new WalOptions();
        return new LogAppender(SegmentedLog.Open(directory, options, files, note), options, maxPendingBytes);
    }

    /// <summary>Appends a record.</summary>
    /// <returns>Its offset, once it is as durable as the flush policy promises.</returns>
    /// <exception cref="ArgumentException">The payload is larger than the options allow.</exception>
    /// <exception cref="ObjectDisposedException">The log is closed.</exception>
    public Task<long> AppendAsync(ReadOnlyMemory<byte> payload) => EnqueueAsync([payload], isBatch: false);

    /// <summary>
    /// Appends records of which all or none survive a crash. Errors as
    /// <see cref="AppendAsync(ReadOnlyMemory{byte})"/>.
    /// </summary>
    /// <returns>The offset of the first one; the others follow without a gap.</returns>
    /// <exception cref="ArgumentException">The batch is empty, or too large for one commit.</exception>
    public Task<long> AppendBatchAsync(IReadOnlyList<ReadOnlyMemory<byte>> payloads) =>
        EnqueueAsync(payloads, isBatch: true);

    /// <summary>
    /// Refuses new appends, commits those that wait, and closes the log cleanly. Errors as
    /// <see cref="SegmentedLog.Close"/>. A second call does nothing.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (_isClosed) return;
            _isClosed = true;
        }
        while (true)
        {
            Task idle;
            lock (_gate)
            {
                if (!_hasLeader) break;
                idle = RoomOrIdle();
            }
            await idle.ConfigureAwait(false);
        }
        _log.Close();
    }

    private Task<long> EnqueueAsync(IReadOnlyList<ReadOnlyMemory<byte>> payloads, bool isBatch)
    {
        ArgumentNullException.ThrowIfNull(payloads);
        if (BatchLimits.Explain(payloads, _options) is { } reason)
            throw new ArgumentException(reason, nameof(payloads));
        var append = new PendingAppend(payloads, BatchLimits.SizeOf(payloads), isBatch);
        if (!TryEnqueue(append, out var leads)) return EnqueueLaterAsync(append);
        if (leads) Lead();
        return append.Outcome;
    }

    private async Task<long> EnqueueLaterAsync(PendingAppend append)
    {
        bool leads;
        while (!TryEnqueue(append, out leads))
        {
            Task room;
            lock (_gate)
            {
                if (!_hasLeader) continue;
                room = RoomOrIdle();
            }
            await room.ConfigureAwait(false);
        }
        if (leads) Lead();
        return await append.Outcome.ConfigureAwait(false);
    }

    private bool TryEnqueue(PendingAppend append, out bool leads)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isClosed, this);
            leads = false;
            if (_pendingBytes > 0 && _pendingBytes + append.SizeBytes > _maxPendingBytes) return false;
            _pendingBytes += append.SizeBytes;
            _queue.Add(append);
            if (_hasLeader) return true;
            _hasLeader = leads = true;
            return true;
        }
    }

    // The caller commits once. Where other appends wait by then, a thread of the pool goes on, so that the caller can.
    private void Lead()
    {
        CommitQueued();
        if (!TryResign()) ThreadPool.UnsafeQueueUserWorkItem(static log => log.LeadOn(), this, preferLocal: false);
    }

    private void LeadOn()
    {
        int queued;
        lock (_gate) queued = _queue.Count;
        if (_delay.IsWorthIt(queued, Stopwatch.GetTimestamp()))
        {
            // Gives the processor to writers that were just answered, so that their next appends share the commit.
            Thread.Yield();
            ThreadPool.UnsafeQueueUserWorkItem(static log => log.LeadOn(), this, preferLocal: false);
            return;
        }
        if (queued > 0) CommitQueued();
        else if (TryResign()) return;
        ThreadPool.UnsafeQueueUserWorkItem(static log => log.LeadOn(), this, preferLocal: false);
    }

    private bool TryResign()
    {
        TaskCompletionSource? idle;
        lock (_gate)
        {
            Debug.Assert(_hasLeader, "only the leader resigns");
            if (_queue.Count > 0) return false;
            _hasLeader = false;
            (idle, _roomOrIdle) = (_roomOrIdle, null);
        }
        idle?.SetResult();
        return true;
    }

    private void CommitQueued()
    {
        List<PendingAppend> taken;
        lock (_gate) (taken, _queue) = (_queue, _spare);
        var (count, bytes, begunAt) = (taken.Count, 0L, Stopwatch.GetTimestamp());
        foreach (var append in taken)
        {
            bytes += append.SizeBytes;
            Stage(append);
        }
        Commit();
        taken.Clear();
        TaskCompletionSource? room;
        int queued;
        lock (_gate)
        {
            _spare = taken;
            _pendingBytes -= bytes;
            Debug.Assert(_pendingBytes >= 0, "what is given back was counted");
            queued = _queue.Count;
            (room, _roomOrIdle) = (_roomOrIdle, null);
        }
        room?.SetResult();
        _delay.Begin(count, queued, Stopwatch.GetElapsedTime(begunAt), Stopwatch.GetTimestamp());
    }

    private void Stage(PendingAppend append)
    {
        if (_defect is { } defect)
        {
            append.Fail(new WalReadOnlyException($"read-only after an unexpected error: {defect.Message}", defect));
            return;
        }
        try
        {
            append.StageIn(_log);
            _staged.Add(append);
        }
        catch (WalException e)
        {
            // A commit or a roll before this append failed. That decides the outcome of the appends staged before it.
            EndStaged(e);
            append.Fail(e);
        }
        catch (OutOfMemoryException e)
        {
            append.Fail(e);
        }
        catch (Exception e)
        {
            append.Fail(EndAfterDefect(e));
        }
    }

    private void Commit()
    {
        try
        {
            _log.Commit();
            EndStaged(null);
        }
        catch (WalException e)
        {
            EndStaged(e);
        }
        catch (Exception e)
        {
            EndAfterDefect(e);
        }
    }

    // For an error that is none of the log's own, for instance of a caller's file system: the outcome is unknown.
    private WalOutcomeUnknownException EndAfterDefect(Exception defect)
    {
        _defect = defect;
        var unknown = new WalOutcomeUnknownException($"unexpected: {defect.Message}", defect);
        foreach (var append in _staged) append.Fail(unknown);
        _staged.Clear();
        return unknown;
    }

    private void EndStaged(WalException? failure)
    {
        var promised = _options.Flush == FlushPolicy.Always ? _log.DurableNextOffset : _log.CommittedNextOffset;
        foreach (var append in _staged)
        {
            if (append.IsBefore(promised)) append.Succeed();
            else append.Fail(failure ?? throw new UnreachableException("a commit without an error keeps its promise"));
        }
        _staged.Clear();
    }

    // Under the gate. Completed when a commit has made room, or when nothing is left to commit.
    private Task RoomOrIdle() =>
        (_roomOrIdle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
}
