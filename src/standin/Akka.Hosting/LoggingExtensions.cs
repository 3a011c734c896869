using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;
using Akka.Event;
using Microsoft.Extensions.Logging;
using AkkaLogLevel = Akka.Event.LogLevel;
using LogLevel = Microsoft.Extensions.Logging.LogLevel;

namespace Akka.Hosting
{
    /// <summary>Which loggers a system starts with, and from which level on.</summary>
    public sealed class LoggerConfigBuilder
    {
        private readonly List<Type> _loggers = [typeof(DefaultLogger)];

        internal LoggerConfigBuilder(AkkaConfigurationBuilder builder) => Builder = builder;

        public AkkaLogLevel LogLevel { get; set; } = AkkaLogLevel.InfoLevel;

        internal AkkaConfigurationBuilder Builder { get; }

        public LoggerConfigBuilder ClearLoggers()
        {
            _loggers.Clear();
            return this;
        }

        public LoggerConfigBuilder AddLogger<T>()
            where T : Dispatch.IRequiresMessageQueue<ILoggerMessageQueueSemantics>
        {
            _loggers.Add(typeof(T));
            return this;
        }

        internal Config ToConfig()
        {
            var names = string.Join(", ", _loggers.ConvertAll(static type => $"\"{type.FullName}, {type.Assembly.GetName().Name}\""));
            return $"akka {{ loglevel = {LogLevel.StringFor()}, loggers = [{names}] }}";
        }
    }

    public static class LoggingExtensions
    {
        public static AkkaConfigurationBuilder ConfigureLoggers(this AkkaConfigurationBuilder builder, Action<LoggerConfigBuilder> configurator)
        {
            var loggers = new LoggerConfigBuilder(builder);
            configurator(loggers);
            return builder.AddHocon(loggers.ToConfig(), HoconAddMode.Prepend);
        }

        /// <summary>Hands what the system logs to the host's ILoggerFactory.</summary>
        public static LoggerConfigBuilder AddLoggerFactory(this LoggerConfigBuilder configBuilder) => configBuilder.AddLogger<Logging.LoggerFactoryLogger>();

        public static LoggerConfigBuilder AddLoggerFactory(this LoggerConfigBuilder configBuilder, ILoggerFactory loggerFactory)
        {
            configBuilder.Builder.Keep(new Logging.LoggerFactorySetup(loggerFactory));
            return configBuilder.AddLoggerFactory();
        }
    }
}

namespace Akka.Hosting.Logging
{
    public class LoggerFactorySetup : Setup
    {
        public LoggerFactorySetup(ILoggerFactory loggerFactory) => LoggerFactory = loggerFactory;

        public ILoggerFactory LoggerFactory { get; }
    }

    public class LoggerFactoryLogger : ActorBase, Dispatch.IRequiresMessageQueue<ILoggerMessageQueueSemantics>
    {
        private readonly ILogger _logger = Context.System.Settings.Setup.Get<LoggerFactorySetup>().Value?.LoggerFactory.CreateLogger<ActorSystem>()
            ?? throw new ConfigurationException("The system was set up without a LoggerFactorySetup.");

        protected override bool Receive(object message)
        {
            switch (message)
            {
                case InitializeLogger:
                    Sender.Tell(new LoggerInitialized());
                    return true;
                case LogEvent log:
                    Log(log, Self.Path);
                    return true;
                default:
                    return false;
            }
        }

        protected virtual void Log(LogEvent log, ActorPath path) =>
            _logger.Log(LevelOf(log.LogLevel()), log.Cause, "[{LogSource}] {Message}", log.LogSource, log.Message);

        private static LogLevel LevelOf(AkkaLogLevel level) => level switch
        {
            AkkaLogLevel.DebugLevel => LogLevel.Debug,
            AkkaLogLevel.InfoLevel => LogLevel.Information,
            AkkaLogLevel.WarningLevel => LogLevel.Warning,
            _ => LogLevel.Error,
        };
    }
}
