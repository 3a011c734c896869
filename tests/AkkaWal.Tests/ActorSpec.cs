using Akka.Configuration;

namespace AkkaWal.Tests;

/// <summary>
/// The base of every spec of actors. Its messages are checked (see <see cref="SerializationChecks"/>).
/// </summary>
public abstract class ActorSpec(Config? config = null)
    : Akka.TestKit.Xunit2.TestKit((config ?? Config.Empty)
        .WithFallback(SerializationChecks.On).WithFallback(ActorSpec.Timeouts)
        .WithFallback(WalSettings.ReferenceConfig))
{
    // Akka.TestKit's own timeout of 3 s is too short on a machine that is busy with other work.
    private static readonly Config Timeouts = ConfigurationFactory.ParseString("""
        akka.test {
          default-timeout = 30 s
          single-expect-default = 30 s
          filter-leeway = 30 s
        }
        """);
}
