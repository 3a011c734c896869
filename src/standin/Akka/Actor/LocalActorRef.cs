using Akka.Dispatch;
using Akka.Dispatch.SysMsg;

namespace Akka.Actor;

internal sealed class LocalActorRef : ActorRefBase, IInternalActorRef
{
    private readonly ActorPath _path;
    private readonly Mailbox _mailbox;

    public LocalActorRef(ActorSystemImpl system, Props props, MessageDispatcher dispatcher, IInternalActorRef parent, ActorPath path)
    {
        _path = path;
        Cell = new ActorCell(system, this, props, dispatcher, parent);
        _mailbox = Cell.Mailbox;
    }

    public ActorCell Cell { get; }

    public override ActorPath Path => _path;

    public IActorRefProvider Provider => Cell.SystemImpl;

    public bool IsLocal => true;

    public bool IsTerminated => _mailbox.IsClosed;

    public void Start() => _mailbox.PostSystem(new Create());

    public void Stop() => _mailbox.PostSystem(new Terminate());

    public void SendSystemMessage(ISystemMessage message) => _mailbox.PostSystem((SystemMessage)message);

    protected override void TellInternal(object message, IActorRef sender) => _mailbox.Post(message, sender);
}
