using System.Text;
using Akka.Actor;
using AkkaWal.Node.Input;
using AkkaWal.Node.Output;
using AkkaWal.Node.Translation;

namespace AkkaWal.Node.Bridge;

/// <summary>
/// Between standard input and output and the log: gives each request a slot, tells the log, and lets the replies out in the
/// order of the requests.
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
/// A request that may not be begun yet stays in its block, and blocks that stay stop the reader. Replies stay in their
/// slots while standard output has no room, and so fill the window, which stops the requests.
/// </remarks>
internal sealed class StdioBridge : UntypedActor, IWithTimers
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
    }

    public ITimerScheduler Timers { get; set; } = null!;

    private long Now => _ports.Clock.GetTimestamp();

    protected override void PreStart()
    {
        var self = Self;
        _ports.Output.Start(message => self.Tell(message, ActorRefs.NoSender));
        var interval = TimeSpan.FromMilliseconds(Math.Clamp(_settings.RequestTimeout.TotalMilliseconds / 8, 1, 500));
        Timers.StartPeriodicTimer(nameof(DeadlineTick), DeadlineTick.Instance, interval);
    }

    // What the slots held is lost with a crash of this actor, so that it ends the process instead of going on.
    protected override void PreRestart(Exception reason, object message) => End(reason.ToString());

    protected override void PostRestart(Exception reason) => _stage = Stage.Ended;

    protected override void PostStop() => End("the bridge was stopped");

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case LogReply reply:
                // A commit is answered in many messages: all of them are let out together, behind the last one.
                Answer(reply);
                FlushSoon();
                return;
            case InputBlock block when !_inputHasEnded: _requests.Add(block); break;
            case InputEnded ended: EndInput(ended.Problem); break;
            case StopReading: EndInput(null); break;
            case FlushReplies: Flush(); break;
            case OutputDrained: _isOutputFull = false; break;
            case OutputFailed failed: End($"standard output can't be written: {failed.Reason}"); break;
            case OutputClosed: End(_problem); break;
            case DeadlineTick: if (_replies.IsOverdue(Now)) Self.Tell(GiveUpOverdue.Instance, ActorRefs.NoSender); break;
            case GiveUpOverdue: _replies.GiveUp(Now, $"no answer within {_settings.RequestTimeout}: the outcome is not known"); break;
            case Terminated stopped: LoseLog(stopped.ActorRef); break;
        }

        if (_stage != Stage.Ended) Advance();
    }

    private void Advance()
    {
        LetOut();
        if (_writer.LengthBytes > 0) FlushSoon();

        if (_inputHasEnded && _requests.IsEmpty && _replies.IsEmpty && _stage is Stage.Running or Stage.Syncing) Finish();
    }

    // Replies that are let out make room for requests, and a request may have its reply at once.
    private void LetOut()
    {
        do
        {
            Emit();
            while (_replies.TakeRead(Now + ToTicks(_settings.RequestTimeout)) is { } read) _carrier.Tell(read);
        }
        while (Admit());
    }

    // Lets out the replies that are in, up to the oldest that is not.
    private void Emit()
    {
        const int HandOverBytes = OutputWriter.BufferBytes - OutputWriter.BufferBytes / 8;
        while (!_isOutputFull && _replies.HasReply)
        {
            var slot = _replies.Remove();
            if (_stage == Stage.Running) _formatter.Write(slot);
            else LookAtLastSync(slot.Reply);
            if (_writer.LengthBytes >= HandOverBytes) HandOver();
        }
    }

    // Begins the requests whose turn has come. True where there are replies to let out then.
    private bool Admit()
    {
        while (_requests.TryPeek() && _replies.HasRoomFor(_requests.Operation, _requests.StartPosition))
        {
            Begin(_requests.Line, _requests.Operation);
            _requests.Advance();
        }

        _carrier.TellHeld();
        return !_isOutputFull && _replies.HasReply;
    }

    private void Begin(RequestLine line, Operation? operation)
    {
        var slot = new Slot
        {
            Operation = operation,
            From = _carrier.NodeName ?? line.Destination,
            To = line.Source,
            MessageId = line.MessageId,
            StartPosition = _requests.StartPosition,
            Deadline = Now + ToTicks(operation is { IsSlow: true } ? _settings.MaintenanceTimeout : _settings.RequestTimeout),
        };

        long sequence = _replies.NextSequence;
        if (operation is null)
        {
            slot.Reply = new Refused(ErrorCode.NotSupported, $"the type is not supported: {Excerpt(line.Slice(line[Field.Type]))}", sequence);
        }
        else
        {
            var fields = new FieldReader(line, _settings.Limits);
            var request = operation.Parse(ref fields, sequence, out slot.Receipt);
            slot.Problem = fields.Problem;
            slot.Reply = _carrier.CarryOut(request, fields.Problem);
            slot.From = _carrier.NodeName ?? line.Destination;
        }

        _replies.Add(slot);
    }

    private void Answer(LogReply reply)
    {
        if (reply is RecordDamaged damaged) _ports.Note($"the record at offset {damaged.Offset} is damaged: {damaged.Reason}");
        if (reply is Appended or BatchAppended) _hasAppended = true;
        if (!_replies.Answer(reply)) _ports.Note($"a late answer is dropped: {reply.GetType().Name}");
    }

    // A log that took nothing has nothing to lose: one that is locked, say.
    private void LookAtLastSync(LogReply? reply)
    {
        if (reply is LogSynced) return;
        string problem = "the last sync failed: " + (reply is RequestFailed failed ? failed.Reason : "no answer in time");
        if (_hasAppended) _problem ??= problem;
        else _ports.Note(problem);
    }

    private void LoseLog(IActorRef log)
    {
        _ports.Note("the log has stopped");
        _carrier.Forget(log);
        _replies.GiveUp(long.MaxValue, "the log has stopped: the outcome is not known");
    }

    private void EndInput(string? problem)
    {
        _inputHasEnded = true;
        _problem ??= problem;
    }

    // Everything is answered. Before the end, the logs make it durable.
    private void Finish()
    {
        if (_stage == Stage.Running)
        {
            _stage = Stage.Syncing;
            foreach (var log in _carrier.Logs)
            {
                log.Tell(new SyncLog(_replies.NextSequence), Self);
                _replies.Add(new Slot { Deadline = Now + ToTicks(_settings.FinalSyncTimeout) });
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
        if (_stage != Stage.Ended) LetOut();
        _flushIsDue = false;
        HandOver();
    }

    private void HandOver()
    {
        if (_writer.LengthBytes > 0) _isOutputFull = !_ports.Output.Offer(_writer.Take(_ports.Output.Rent()));
    }

    private void End(string? problem)
    {
        if (_stage == Stage.Ended) return;
        _stage = Stage.Ended;
        _ports.Ended(new BridgeEnd(problem));
    }

    private long ToTicks(TimeSpan time) => (long)(time.TotalSeconds * _ports.Clock.TimestampFrequency);

    private static string Excerpt(ReadOnlyMemory<byte> text)
    {
        const int MaxBytes = 64;
        return Encoding.UTF8.GetString(text.Span[..Math.Min(MaxBytes, text.Length)]);
    }
}
