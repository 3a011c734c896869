using Akka.Configuration;
using Akka.TestKit.Xunit2;

namespace AkkaWal.Tests;

/// <summary>What every spec of actors is: one whose messages are checked (see <see cref="SerializationChecks"/>).</summary>
public abstract class ActorSpec(Config? config = null)
    : TestKit((config ?? Config.Empty).WithFallback(SerializationChecks.On).WithFallback(WalSettings.ReferenceConfig));
