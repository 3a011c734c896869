using System.Text;
using Akka.Actor;
using Akka.TestKit;
using AkkaWal.Node.Kafka;
using AkkaWal.Node.Kafka.Messages;
using AkkaWal.Node.Tests.Bridge;
using AkkaWal.Storage;
using AkkaWal.Tests;

namespace AkkaWal.Node.Tests.Kafka;

/// <summary>The broker with one probe for all logs and one for the readers of closed logs.</summary>
public abstract class KafkaBrokerFixture : ActorSpec
{
    protected TestProbe Logs { get; }

    protected TestProbe Closed { get; }

    protected List<string> Opened { get; } = [];

    private protected int OwnedCount { get; set; }

    private protected Func<IDisposable> Own { get; set; }

    protected KafkaBrokerFixture()
    {
        Logs = CreateTestProbe();
        Closed = CreateTestProbe();
        Own = () => new Held(this);
    }

    private protected IActorRef Start(int maxOpenLogs = 8, int maxPollMessages = 10)
    {
        var settings = new KafkaSettings { MaxOpenLogs = maxOpenLogs, MaxPollMessages = maxPollMessages,
            MaxPollBytes = 100 };
        var committed = Props.Create<CommittedLog>((Func<Props>)(() => Open("committed")), settings)
            .WithDeploy(Deploy.Local);
        var ports = new KafkaPorts(() => Own(), Open, () => committed, () => Props.Create<RelayActor>(Closed.Ref));
        return Sys.ActorOf(Props.Create<KafkaBroker>(settings, ports).WithDeploy(Deploy.Local));
    }

    private protected void Tell(IActorRef broker, KafkaRequest request) => broker.Tell(request, TestActor);

    protected static ReadOnlyMemory<byte> Bytes(string text) => Encoding.UTF8.GetBytes(text);

    protected static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);

    private Props Open(string folder)
    {
        lock (Opened) Opened.Add(folder);
        return Props.Create<RelayActor>(Logs.Ref);
    }

    private sealed class Held : IDisposable
    {
        private readonly KafkaBrokerFixture _fixture;

        public Held(KafkaBrokerFixture fixture)
        {
            _fixture = fixture;
            _fixture.OwnedCount++;
        }

        public void Dispose() => _fixture.OwnedCount--;
    }

    private protected static WalException Locked() => new WalLockedException("/data/n1/kafka", "process 7 on host");
}
