using System.Diagnostics;
using AkkaWal.Storage.Files;

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
/// <para>
/// Appends of one thread get their offsets in the order of its calls. Nothing is synced by time: under
/// <see cref="FlushPolicy.Interval"/> the caller calls <see cref="SyncAsync"/> when it wants to.
/// </para>
/// </remarks>
public sealed class LogAppender : IAsyncDisposable
{
    // Appends that have no room yet. A caller that never awaits must not fill the memory.
    private const int MaxWaiting = 1 << 16;

    private readonly SegmentedLog _log;
    private readonly WalOptions _options;
    private readonly long _maxPendingBytes;
    private readonly Lock _gate = new();
    private readonly CommitDelay _delay = new();

    // For the leader's thread alone: the appends that are staged, and an error that is none of the log's own.
    private readonly List<PendingAppend> _staged = [];
    private Exception? _defect;

    // This and the following fields are changed under the gate. Appends without room wait in their order. Where nothing
    // is pending, nothing waits.
    private readonly Queue<PendingAppend> _waiting = [];
    private List<PendingAppend> _queue = [], _spare = [];
    private List<TaskCompletionSource<long>> _syncs = [];
    private long _pendingBytes;
    private bool _hasLeader, _isClosed;
    private TaskCompletionSource? _idle;

    private LogAppender(SegmentedLog log, WalOptions options, long maxPendingBytes) =>
        (_log, _options, _maxPendingBytes) = (log, options, maxPendingBytes);

    /// <summary>Opens a log, and creates it where there is none. Errors as <see cref="SegmentedLog.Open"/>.</summary>
    /// <param name="directory">An absolute path. It is created, with its parents, where it is missing.</param>
    /// <param name="options">How the log is kept; the defaults where null.</param>
    /// <param name="files">The file system; the machine's own where null.</param>
    /// <param name="note">Takes lines for operators, as in <see cref="SegmentedLog.Open"/>. Null drops them.</param>
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

    /// <summary>Makes durable what was appended before, under any flush policy. Errors as an append.</summary>
    /// <returns>The offset that follows the last record that is on the disk.</returns>
    /// <exception cref="ObjectDisposedException">The log is closed.</exception>
    public Task<long> SyncAsync()
    {
        var sync = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        bool leads;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isClosed, this);
            _syncs.Add(sync);
            leads = !_hasLeader;
            _hasLeader = true;
        }
        if (leads) Lead();
        return sync.Task;
    }

    /// <summary>
    /// Refuses new appends, commits those that wait, and closes the log cleanly. Errors as
    /// <see cref="SegmentedLog.Close"/>. A second call does nothing.
    /// </summary>
    /// <exception cref="WalOutcomeUnknownException">The last sync failed.</exception>
    public async Task CloseAsync()
    {
        if (await EndAppendsAsync().ConfigureAwait(false)) _log.Close();
    }

    /// <summary>
    /// Closes as <see cref="CloseAsync"/> does, but passes an error to the log's note instead of throwing it.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (await EndAppendsAsync().ConfigureAwait(false)) _log.Dispose();
    }

    /// <returns>Whether this call ends the appends, and so has to close the log.</returns>
    private async ValueTask<bool> EndAppendsAsync()
    {
        Task idle;
        lock (_gate)
        {
            if (_isClosed) return false;
            _isClosed = true;
            _idle = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (!_hasLeader) _idle.SetResult();
            idle = _idle.Task;
        }
        await idle.ConfigureAwait(false);
        return true;
    }

    private Task<long> EnqueueAsync(IReadOnlyList<ReadOnlyMemory<byte>> payloads, bool isBatch)
    {
        ArgumentNullException.ThrowIfNull(payloads);
        // The leader reads the list later, on another thread.
        if (isBatch) payloads = [.. payloads];
        if (BatchLimits.Explain(payloads, _options) is { } reason)
            throw new ArgumentException(reason, nameof(payloads));
        var append = new PendingAppend(payloads, BatchLimits.SizeOf(payloads), isBatch);
        bool leads;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isClosed, this);
            if (_waiting.Count == MaxWaiting)
                throw new WalLackException($"{MaxWaiting} appends wait for room already", WalIOCause.NoMemory);
            _waiting.Enqueue(append);
            leads = !_hasLeader;
            Debug.Assert(!leads || _pendingBytes == 0, "without a leader nothing is pending: its own append has room");
            append.IsOfLeader = leads;
            AdmitWaiting();
            _hasLeader = true;
        }
        if (leads) Lead();
        return append.Outcome;
    }

    // Under the gate.
    private void AdmitWaiting()
    {
        while (_waiting.TryPeek(out var next)
            && (_pendingBytes == 0 || _pendingBytes + next.SizeBytes <= _maxPendingBytes))
        {
            _pendingBytes += next.SizeBytes;
            _queue.Add(_waiting.Dequeue());
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
        bool isSyncWanted;
        lock (_gate) (queued, isSyncWanted) = (_queue.Count, _syncs.Count > 0);
        if (!isSyncWanted && _delay.IsWorthIt(queued, Stopwatch.GetTimestamp()))
        {
            // Gives the processor to writers that were just answered, so that their next appends share the commit.
            Thread.Yield();
            ThreadPool.UnsafeQueueUserWorkItem(static log => log.LeadOn(), this, preferLocal: false);
            return;
        }
        if (queued > 0 || isSyncWanted) CommitQueued();
        else if (TryResign()) return;
        ThreadPool.UnsafeQueueUserWorkItem(static log => log.LeadOn(), this, preferLocal: false);
    }

    private bool TryResign()
    {
        TaskCompletionSource? idle;
        lock (_gate)
        {
            Debug.Assert(_hasLeader, "only the leader resigns");
            if (_queue.Count > 0 || _syncs.Count > 0) return false;
            Debug.Assert(_pendingBytes == 0 && _waiting.Count == 0, "where nothing is pending, nothing waits");
            _hasLeader = false;
            idle = _idle;
        }
        idle?.SetResult();
        return true;
    }

    private void CommitQueued()
    {
        List<PendingAppend> taken;
        List<TaskCompletionSource<long>> syncs = [];
        lock (_gate)
        {
            (taken, _queue) = (_queue, _spare);
            if (_syncs.Count > 0) (syncs, _syncs) = (_syncs, syncs);
        }
        var (count, bytes, begunAt) = (taken.Count, 0L, Stopwatch.GetTimestamp());
        foreach (var append in taken)
        {
            bytes += append.SizeBytes;
            Stage(append);
        }
        Commit(syncs);
        taken.Clear();
        int queued;
        lock (_gate)
        {
            _spare = taken;
            _pendingBytes -= bytes;
            Debug.Assert(_pendingBytes >= 0, "what is given back was counted");
            AdmitWaiting();
            queued = _queue.Count;
        }
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
            _staged.EnsureCapacity(_staged.Count + 1);
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

    private void Commit(List<TaskCompletionSource<long>> syncs)
    {
        try
        {
            if (syncs.Count > 0) _log.Sync();
            else _log.Commit();
            EndStaged(null);
            foreach (var sync in syncs) sync.SetResult(_log.DurableNextOffset);
        }
        catch (WalException e)
        {
            EndStaged(e);
            foreach (var sync in syncs) sync.TrySetException(e);
        }
        catch (Exception e)
        {
            var unknown = EndAfterDefect(e);
            foreach (var sync in syncs) sync.TrySetException(unknown);
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
}
