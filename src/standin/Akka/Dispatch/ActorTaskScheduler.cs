using Akka.Actor;
using Akka.Dispatch.SysMsg;

namespace Akka.Dispatch;

/// <summary>
/// Runs an actor's asynchronous handler on the actor's own thread, step by step: between two steps the mailbox hands out
/// system messages only.
/// </summary>
public class ActorTaskScheduler : TaskScheduler
{
    private readonly ActorCell _cell;

    internal ActorTaskScheduler(ActorCell cell) => _cell = cell;

    public override int MaximumConcurrencyLevel => 1;

    private object CurrentMessage { get; set; }

    public static void RunTask(Action action) => RunTask(() =>
    {
        action();
        return Task.CompletedTask;
    });

    public static void RunTask(Func<Task> asyncAction)
    {
        var cell = ActorCell.Current ?? throw new InvalidOperationException("RunTask runs what an actor starts while it handles a message.");
        var scheduler = cell.TaskScheduler;
        cell.Mailbox.SuspendUser();
        scheduler.CurrentMessage = cell.CurrentMessage;
        Task<Task>.Factory.StartNew(asyncAction, CancellationToken.None, TaskCreationOptions.None, scheduler)
            .Unwrap()
            .ContinueWith(
                task =>
                {
                    var exception = Unwrap(task);
                    if (exception is null)
                    {
                        cell.Mailbox.ResumeUser();
                        cell.CheckReceiveTimeout(cell.CurrentMessage is not INotInfluenceReceiveTimeout);
                    }
                    else
                    {
                        cell.Mailbox.PostSystem(new RunTask(null, exception, scheduler.CurrentMessage));
                    }

                    scheduler.CurrentMessage = null;
                },
                CancellationToken.None,
                TaskContinuationOptions.None,
                scheduler);
    }

    internal void Execute(Task task) => TryExecuteTask(task);

    protected override IEnumerable<Task> GetScheduledTasks() => null;

    protected override void QueueTask(Task task)
    {
        if (ActorCell.Current == _cell && (task.CreationOptions & TaskCreationOptions.LongRunning) == 0)
            TryExecuteTask(task);
        else
            _cell.Mailbox.PostSystem(new RunTask(task, null, CurrentMessage));
    }

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

    private static Exception Unwrap(Task task) =>
        task.IsCanceled ? new TaskCanceledException()
        : task.Exception is { InnerExceptions.Count: 1 } one ? one.InnerExceptions[0]
        : task.Exception;
}
