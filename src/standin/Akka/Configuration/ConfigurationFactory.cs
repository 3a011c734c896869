using System.Reflection;
using Akka.Configuration.Hocon;

namespace Akka.Configuration;

public class ConfigurationFactory
{
    // Keys that the stand-in reads, with Akka.NET's values.
    private const string Reference = """
        akka {
          loggers = ["Akka.Event.DefaultLogger"]
          loggers-dispatcher = "akka.actor.default-dispatcher"
          logger-startup-timeout = 5s
          loglevel = INFO
          stdout-loglevel = WARNING
          stdout-logger-class = ""
          log-dead-letters = 10
          log-dead-letters-during-shutdown = off
          log-dead-letters-suspend-duration = 5 minutes
          extensions = []
          scheduler.implementation = ""
          actor {
            ask-timeout = infinite
            default-dispatcher { type = Dispatcher, executor = default-executor, throughput = 30 }
            serializers.bytes = "Akka.Serialization.ByteArraySerializer"
            serialization-bindings."System.Byte[]" = bytes
            serialization-identifiers."Akka.Serialization.ByteArraySerializer" = 4
          }
          coordinated-shutdown {
            default-phase-timeout = 5 s
            terminate-actor-system = on
            run-by-clr-shutdown-hook = on
            run-by-actor-system-terminate = on
            phases {
              before-service-unbind { }
              service-unbind { depends-on = [before-service-unbind] }
              service-requests-done { depends-on = [service-unbind] }
              service-stop { depends-on = [service-requests-done] }
              before-cluster-shutdown { depends-on = [service-stop] }
              cluster-sharding-shutdown-region { timeout = 10 s, depends-on = [before-cluster-shutdown] }
              cluster-leave { depends-on = [cluster-sharding-shutdown-region] }
              cluster-exiting { timeout = 10 s, depends-on = [cluster-leave] }
              cluster-exiting-done { depends-on = [cluster-exiting] }
              cluster-shutdown { depends-on = [cluster-exiting-done] }
              before-actor-system-terminate { depends-on = [cluster-shutdown] }
              actor-system-terminate { timeout = 10 s, depends-on = [before-actor-system-terminate] }
            }
          }
        }
        """;

    private static Config s_default;

    public static Config Empty => Config.Empty;

    public static Config ParseString(string hocon) => new(HoconParser.Parse(hocon));

    /// <summary>What the process's own configuration file says; there is none here.</summary>
    public static Config Load() => Empty;

    public static Config Default() => s_default ??= ParseString(Reference);

    public static Config FromResource<TAssembly>(string resourceName) => FromResource(resourceName, typeof(TAssembly).Assembly);

    public static Config FromResource(string resourceName, object instanceInAssembly) => instanceInAssembly switch
    {
        Type type => FromResource(resourceName, type.Assembly),
        Assembly assembly => FromResource(resourceName, assembly),
        _ => FromResource(resourceName, instanceInAssembly.GetType().Assembly),
    };

    public static Config FromResource(string resourceName, Assembly assembly)
    {
        using var stream = assembly.GetManifestResourceStream(resourceName)
            ?? throw new ArgumentException($"The resource {resourceName} is not in {assembly.GetName().Name}", nameof(resourceName));
        using var reader = new StreamReader(stream);
        return ParseString(reader.ReadToEnd());
    }
}
