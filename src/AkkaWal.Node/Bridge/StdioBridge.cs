using Akka.Actor;
using AkkaWal.Node.Bridge.Requests;
using AkkaWal.Node.Bridge.Setup;
using AkkaWal.Node.Input;
using AkkaWal.Node.Json;
using AkkaWal.Node.Output;
using AkkaWal.Node.Translation;
using AkkaWal.Protocol;

namespace AkkaWal.Node.Bridge;

/// <summary>
/// Connects standard input and output with the log. It gives each request a slot, sends it to the log, and writes the
/// replies in the order of the requests.
/// </summary>
/// <remarks>
/// <code>
/// InputBlock -> RequestQueue --begin--> ReplyQueue --emit--> ReplyWriter --hand over--> OutputWriter
///                                |          ^ LogReply
///                                +-> log ---+
///
/// Running --input ended, all answered--> Syncing --synced--> Closing --all written--> Ended
///    +------------------ a failed standard output, a crash ----------------------------^
/// </code>
/// A request that may not be begun yet stays in its block. Waiting blocks use up the credit, which stops the reader.
/// Replies stay in their slots while standard output has no room; they fill the window, which stops the requests.
/// </remarks>
internal sealed class StdioBridge : UntypedActor
{
    private enum Stage
    {
        Running,
        Syncing,
        Closing,
        Ended,
    }

    private readonly NodeSettings _settings;
    private readonly BridgePorts _ports;
    private readonly RequestQueue _requests;
    private readonly ReplyQueue _replies;
    private readonly ReplyWriter _writer;
    private readonly ReplyFormatter _formatter;
    private readonly RequestCarrier _carrier;
    private readonly RequestStarter _starter;
    private readonly RequestTimes _times;
    private ICancelable? _beats;

    // The time of the current message. Not updated for replies: they are frequent, and no deadline depends on their
    // time.
    private long _now;
    private Stage _stage;
    private string? _problem;
    private bool _inputHasEnded;
    private bool _hasAppended;
    private bool _isOutputFull;
    private bool _flushIsDue;

    public StdioBridge(NodeSettings settings, BridgePorts ports)
    {
        _settings = settings;
        _ports = ports;
        _requests = new RequestQueue(ports.Credit, ports.Note);
        _replies = new ReplyQueue(settings);
        _writer = new ReplyWriter(ports.Output.Rent());
        _formatter = new ReplyFormatter(_writer);
        _carrier = new RequestCarrier(ports, Context);
        _starter = new RequestStarter(_carrier, settings);
        _times = new RequestTimes(settings);
    }

    protected override void PreStart()
    {
        var self = Self;
        var clock = _ports.Clock;
        _ports.Output.Start(message => self.Tell(message, ActorRefs.NoSender));

        // On the scheduler's own thread, so that time goes on while this actor is busy.
        var interval = RequestClock.BeatInterval;
        _beats = Context.System.Scheduler.Advanced.ScheduleRepeatedlyCancelable(interval, interval, Beat);

        void Beat()
        {
            if (clock.Beat()) self.Tell(DeadlineTick.Instance, ActorRefs.NoSender);
        }
    }

    // A crash loses the slots, so the bridge ends the process instead of going on.
    protected override void PreRestart(Exception reason, object message) => End(reason.ToString());

    protected override void PostRestart(Exception reason) => _stage = Stage.Ended;

    protected override void PostStop() => End("the bridge was stopped");

    protected override void OnReceive(object message)
    {
        if (message is LogReply reply)
        {
            // A commit is answered by many messages. Their replies are written together, after the last one.
            Answer(reply);
            FlushSoon();
            return;
        }

        _now = _ports.Clock.Now;
        switch (message)
        {
            case InputBlock block:
                // What was read before an end that came from elsewhere is dropped.
                if (!_inputHasEnded) _requests.Add(block);
                break;
            case InputEnded ended: EndInput(ended.Problem); break;
            case StopReading: EndInput(null); break;
            case FlushReplies: Flush(); break;
            case OutputDrained: NoteOutput(isFull: false); break;
            case OutputFailed failed: End($"standard output can't be written: {failed.Reason}"); break;
            case OutputClosed: End(_problem); break;
            case DeadlineTick: Self.Tell(GiveUpOverdue.Instance, ActorRefs.NoSender); break;
            case GiveUpOverdue: _replies.GiveUp(_now, _times.Late); break;
            case Terminated stopped: OnLogStopped(stopped.ActorRef); break;
            default: Unhandled(message); break;
        }

        if (_stage != Stage.Ended) Advance();
    }

    private void Advance()
    {
        EmitAndAdmit();
        _ports.Clock.WakeAt = _replies.IsEmpty && _requests.TryPeek(_now) ? DeadlineOfNext()
            : _replies.EarliestDeadline;
        if (_writer.LengthBytes > 0) FlushSoon();

        if (_inputHasEnded && _requests.IsEmpty && _replies.IsEmpty && _stage is Stage.Running or Stage.Syncing)
            Finish();
    }

    // Repeats, because written replies make room for requests, and a request may have its reply at once.
    private void EmitAndAdmit()
    {
        do
        {
            Emit();
            while (_replies.DequeueRead() is { } read) _carrier.Tell(read);
        }
        while (Admit());
    }

    // Writes the replies that are there, up to the oldest request without one.
    private void Emit()
    {
        const int HandOverBytes = OutputWriter.BufferBytes - OutputWriter.BufferBytes / 8;
        while (!_isOutputFull && _replies.HasReply)
        {
            var slot = _replies.Remove();
            if (_stage == Stage.Running) _formatter.Write(slot);
            else CheckLastSync(slot.Reply);
            if (_writer.LengthBytes >= HandOverBytes) HandOver();
        }
    }

    // Begins the requests that may be begun. True where replies can be written afterwards.
    private bool Admit()
    {
        while (_requests.TryPeek(_now) && !_replies.IsFull)
        {
            if (DeadlineOfNext() <= _now) RefuseNext();
            else if (_replies.HasRoomFor(_requests.Operation, _requests.StartPosition)) BeginNext();
            else break;
            _requests.Advance(_now);
        }

        _carrier.TellHeld();
        return !_isOutputFull && _replies.HasReply;
    }

    private long DeadlineOfNext() =>
        _replies.DeadlineBehindLast(_requests.ReadAt + _times.LimitOf(_requests.Operation));

    private Slot SlotOfNext() => new()
    {
        Operation = _requests.Operation,
        From = _carrier.NodeName ?? _requests.Line.Destination,
        To = _requests.Line.Source,
        MessageId = _requests.Line.MessageId,
        StartPosition = _requests.StartPosition,
        Deadline = DeadlineOfNext(),
    };

    private void RefuseNext()
    {
        var slot = SlotOfNext();
        slot.Reply = new Refused(ErrorCode.TemporarilyUnavailable, _times.NotBegun, _replies.NextSequence);
        if (slot.MessageId.IsEmpty)
            _ports.Note(
                $"a request of {JsonText.Excerpt(slot.To)} without msg_id is not carried out: {_times.NotBegun}");
        _replies.Add(slot);
    }

    private void BeginNext()
    {
        var slot = SlotOfNext();
        slot.Reply = _starter.Begin(_requests, _replies.NextSequence, ref slot);
        slot.From = _carrier.NodeName ?? _requests.Line.Destination;
        _replies.Add(slot);
    }

    private void Answer(LogReply reply)
    {
        if (reply is RecordDamaged damaged)
            _ports.Note($"the record at offset {damaged.Offset} is damaged: {damaged.Reason}");
        if (reply is Appended or BatchAppended) _hasAppended = true;
        if (!_replies.Answer(reply))
            _ports.Note("an answer of the log came after its request was answered with code 13, and is dropped");
    }

    // A failure is reported even where nothing was appended: the user must learn that the log could not be used.
    private void CheckLastSync(LogReply? reply)
    {
        if (reply is LogSynced) return;
        var reason = reply switch
        {
            RequestFailed failed => failed.Reason,
            Refused refused => refused.Text,
            _ => "the log gave an answer of another kind",
        };
        _problem ??= _hasAppended ? $"the last sync failed: {reason}" : $"the log could not be used: {reason}";
    }

    // Requests that the log had are answered as dead letters or become overdue. The last sync is given up at once.
    private void OnLogStopped(IActorRef log)
    {
        _ports.Note("the log has stopped: it is opened anew when it is next asked");
        _carrier.Forget(log);
        if (_stage == Stage.Syncing) _replies.GiveUp(long.MaxValue, static _ => "the log has stopped");
    }

    private void EndInput(string? problem)
    {
        _inputHasEnded = true;
        _problem ??= problem;
    }

    // All requests are answered. Syncs the logs, then closes standard output.
    private void Finish()
    {
        if (_stage == Stage.Running)
        {
            _stage = Stage.Syncing;
            foreach (var log in _carrier.Logs)
            {
                log.Tell(new SyncLog(_replies.NextSequence), Self);
                _replies.Add(new Slot { Deadline = _replies.DeadlineBehindLast(_now + _times.LastSyncLimit) });
            }

            if (!_replies.IsEmpty) return;
        }

        _stage = Stage.Closing;
        HandOver();
        _ports.Output.Close();
    }

    private void FlushSoon()
    {
        if (_flushIsDue) return;
        _flushIsDue = true;
        Self.Tell(FlushReplies.Instance, ActorRefs.NoSender);
    }

    private void Flush()
    {
        if (_stage != Stage.Ended) EmitAndAdmit();
        _flushIsDue = false;
        HandOver();
    }

    private void HandOver()
    {
        if (_writer.LengthBytes > 0) NoteOutput(isFull: !_ports.Output.Offer(_writer.Detach(_ports.Output.Rent())));
    }

    // The requests' clock stands still while standard output is not read.
    private void NoteOutput(bool isFull)
    {
        _isOutputFull = isFull;
        _ports.Clock.Pause(isFull);
    }

    private void End(string? problem)
    {
        if (_stage == Stage.Ended) return;
        _stage = Stage.Ended;
        _beats?.Cancel();
        _ports.Ended(new BridgeEnd(problem));
    }
}
