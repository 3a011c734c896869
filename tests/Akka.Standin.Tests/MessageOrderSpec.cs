using Akka.Actor;
using Akka.TestKit.Xunit2;

namespace Akka.Standin.Tests;

public sealed class MessageOrderSpec : TestKit.Xunit2.TestKit
{
    [Fact]
    public void Messages_of_one_sender_should_arrive_in_the_order_they_were_sent()
    {
        var target = Sys.ActorOf(Props.Create(() => new Recorder(2 * 10_000)));
        var senders = new[] { Sys.ActorOf(Props.Create(() => new Sender(target, 0))), Sys.ActorOf(Props.Create(() => new Sender(target, 1))) };
        foreach (var sender in senders)
            sender.Tell(10_000);

        target.Tell("report");
        Assert.Equal("in order", ExpectMsg<string>(TimeSpan.FromSeconds(10)));
    }

    private sealed class Sender : ReceiveActor
    {
        public Sender(IActorRef target, int id) => Receive<int>(count =>
        {
            for (var i = 0; i < count; i++)
                target.Tell((id, i));
        });
    }

    private sealed class Recorder : ReceiveActor
    {
        private readonly int[] _next = new int[2];
        private IActorRef? _asker;
        private int _left;

        public Recorder(int count)
        {
            _left = count;
            Receive<(int Sender, int Number)>(message =>
            {
                if (message.Number != _next[message.Sender]++)
                    throw new InvalidOperationException($"{message} is out of order");
                if (--_left == 0)
                    _asker?.Tell("in order");
            });
            Receive<string>(_ =>
            {
                _asker = base.Sender;
                if (_left == 0)
                    _asker.Tell("in order");
            });
        }
    }
}
