using System.Diagnostics;
using Akka.Event;
using AkkaWal.Answers;
using AkkaWal.Manager.Readers;
using AkkaWal.Manager.State;
using AkkaWal.Protocol;
using AkkaWal.Segment;
using AkkaWal.Storage;

namespace AkkaWal.Manager;

/// <summary>
/// Opens the log's directory. If that fails, it gives the reason and says when to try again. Owned by the manager.
/// </summary>
internal sealed class LogOpening(ManagerContext context)
{
    // Descriptors for the active segment, its successor, LOCK, the directory and the runtime.
    private const int DescriptorsBesideReaders = 128;

    private readonly RetryWatch _retry = new(context.Settings.Options.Clock);
    private bool _isLimitNoted;

    /// <summary>Why the last try failed; "" if none failed.</summary>
    internal string Reason { get; private set; } = "";

    /// <summary>The kind of that failure.</summary>
    internal FailureKind Kind { get; private set; }

    /// <summary>
    /// Whether the records can be read although the log can't be opened: files are damaged, missing, or not the log's
    /// own.
    /// </summary>
    internal bool IsReadable { get; private set; }

    /// <summary>Whether the next request should cause another try.</summary>
    internal bool IsRetryDue => _retry.IsDue;

    /// <summary>
    /// Tries to open the directory. Each reason is reported to operators once, however often it recurs.
    /// </summary>
    internal bool TryOpen() => _retry.Try(Open);

    private bool Open()
    {
        var notes = new List<string>();
        var isOpen = false;
        // Notes after the opening can come on any thread.
        void Note(string note)
        {
            if (Volatile.Read(ref isOpen)) context.Log.Warning("{0}", note);
            else notes.Add(note);
        }
        try
        {
            var startedAt = Stopwatch.GetTimestamp();
            context.State.OpenDirectory(Note);
            context.Metrics.OpenedDirectory(startedAt);
        }
        catch (WalException e)
        {
            NoteRefusal(e, notes);
            return false;
        }
        foreach (var note in notes) context.Log.Warning("{0}", note);
        Volatile.Write(ref isOpen, true);
        if (Reason.Length > 0) context.Log.Info("the log in {0} is available now", context.Settings.Directory);
        NoteLimits();
        return true;
    }

    private void NoteRefusal(WalException why, List<string> notes)
    {
        var reason = why is WalFaultException fault ? FaultText.Of(fault) : why.Message;
        if (reason != Reason)
        {
            foreach (var note in notes) context.Log.Warning("{0}", note);
            context.Log.Error("the log in {0} is not available: {1}", context.Settings.Directory, reason);
        }
        if (DescriptorRelief.IsCause(why)) DescriptorRelief.AskOthers(context);
        (Kind, Reason, IsReadable) = (FailureKinds.Of(why), reason, why is WalFaultException);
    }

    private void NoteLimits()
    {
        var settings = context.Settings;
        var wanted = 2L * settings.MaxOpenSegments + DescriptorsBesideReaders;
        if (!_isLimitNoted && WalFileSystem.DescriptorLimit < wanted)
        {
            _isLimitNoted = true;
            context.Log.Warning(
                "this process may have {0} files open, and akka-wal.max-open-segments = {1} may take {2}: segments are "
                    + "let go earlier, and read slower; raise the limit (ulimit -n) or lower that",
                WalFileSystem.DescriptorLimit,
                settings.MaxOpenSegments,
                wanted);
        }
        if (context.Frame.MaxPayloadBytes >= settings.Options.MaxPayloadBytes) return;
        context.Log.Info(
            "from other nodes, records of at most {0} bytes can be appended and read: see maximum-frame-size below "
                + "akka.remote",
            context.Frame.MaxPayloadBytes);
    }
}
