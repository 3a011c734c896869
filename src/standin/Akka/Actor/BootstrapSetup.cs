using Akka.Configuration;
using Akka.Util;

namespace Akka.Actor;

public sealed class BootstrapSetup : Setup.Setup
{
    private BootstrapSetup()
    {
    }

    public Option<Config> Config { get; private init; }

    /// <summary>Stands over one that the system gets from elsewhere.</summary>
    internal Option<Config> ConfigFallback { get; private init; }

    public static BootstrapSetup Create() => new();

    public BootstrapSetup WithConfig(Config config) => new() { Config = config, ConfigFallback = ConfigFallback };

    public BootstrapSetup WithConfigFallback(Config config) =>
        new() { Config = Config, ConfigFallback = config };
}
