namespace Akka.Dispatch;

public interface ISemantics
{
}

/// <summary>What kind of mailbox an actor wants. Here every mailbox is of the one kind, which suits all.</summary>
public interface IRequiresMessageQueue<T>
    where T : ISemantics
{
}
