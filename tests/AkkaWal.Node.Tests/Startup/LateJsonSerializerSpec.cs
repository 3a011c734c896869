using Akka.Actor;
using Akka.Configuration;
using Akka.Serialization;
using AkkaWal.Node.Startup;

namespace AkkaWal.Node.Tests.Startup;

public sealed class LateJsonSerializerSpec : IDisposable
{
    private readonly ActorSystem _system = ActorSystem.Create("late-json", ConfigurationFactory.ParseString(
        "akka.actor.serializers.json = \"AkkaWal.Node.Startup.LateJsonSerializer, AkkaWal.Node\""));

    public void Dispose() => _system.Terminate().GetAwaiter().GetResult();

    [Fact]
    public void It_should_be_what_akka_serializes_with_and_pass_for_akkas_own()
    {
        var late = Assert.IsType<LateJsonSerializer>(_system.Serialization.FindSerializerForType(typeof(Sample)));
        var own = new NewtonSoftJsonSerializer((ExtendedActorSystem)_system);
        Assert.Equal((own.Identifier, own.IncludeManifest), (late.Identifier, late.IncludeManifest));

        var sample = new Sample("a", 1, _system.DeadLetters);
        var bytes = late.ToBinary(sample);
        Assert.Equal(own.ToBinary(sample), bytes);
        Assert.Equal(sample, late.FromBinary(bytes, typeof(Sample)));
        Assert.Equal(sample, own.FromBinary(bytes, typeof(Sample)));
    }

    public sealed record Sample(string Text, int Number, IActorRef Actor);
}
