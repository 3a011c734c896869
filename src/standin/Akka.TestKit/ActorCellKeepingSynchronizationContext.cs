using Akka.Actor;

namespace Akka.TestKit;

/// <summary>The test stays the implicit sender behind an await.</summary>
internal sealed class ActorCellKeepingSynchronizationContext(ActorCell cell) : SynchronizationContext
{
    public override void Post(SendOrPostCallback d, object state) => ThreadPool.QueueUserWorkItem(_ => Send(d, state));

    public override void Send(SendOrPostCallback d, object state)
    {
        var outerCell = ActorCell.Current;
        var outerContext = Current;
        ActorCell.Current = cell;
        SetSynchronizationContext(this);
        try
        {
            d(state);
        }
        finally
        {
            ActorCell.Current = outerCell;
            SetSynchronizationContext(outerContext);
        }
    }

    public override SynchronizationContext CreateCopy() => this;
}
