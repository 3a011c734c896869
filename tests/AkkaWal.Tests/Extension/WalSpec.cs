using Akka;
using Akka.Actor;
using Akka.Configuration;
using AkkaWal.Protocol;
using AkkaWal.Serialization;
using AkkaWal.Storage;
using AkkaWal.TestKit;

namespace AkkaWal.Tests.Extension;

/// <summary>The extension: logs by name, in systems without configuration for them.</summary>
public sealed class WalSpec : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _root = Directory.CreateTempSubdirectory("wal-test-").FullName;
    private readonly SimulatedDisk _disk = new();
    private readonly List<ActorSystem> _systems = [];

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var system in _systems) await system.Terminate();
        Directory.Delete(_root, recursive: true);
    }

    [Fact]
    public async Task System_without_any_configuration_should_get_dispatchers_serializers_and_a_log()
    {
        var system = StartSystem("");
        Assert.False(system.Dispatchers.HasDispatcher("akka-wal.sync-dispatcher"));
        Assert.IsNotType<WalSerializer>(system.Serialization.FindSerializerForType(typeof(Append)));

        var log = Wal.Get(system).Open("orders", new WalSettings { Directory = "/log" }, _disk);
        Assert.True(system.Dispatchers.HasDispatcher("akka-wal.sync-dispatcher"));
        Assert.IsType<WalSerializer>(system.Serialization.FindSerializerForType(typeof(Append)));
        Assert.IsType<WalSerializer>(system.Serialization.FindSerializerForType(typeof(Appended)));
        Assert.Equal(0, await new WalClient(log, Patience).AppendAsync(new byte[] { 1, 2, 3 }));
    }

    [Fact]
    public async Task Log_should_be_used_from_another_node_where_neither_was_given_a_configuration()
    {
        const string Remoting = """
            akka.actor.provider = remote
            akka.actor.serialization-settings.allow-unregistered-types = false
            akka.remote.dot-netty.tcp { hostname = "127.0.0.1", port = 0 }
            """;
        var owner = StartSystem(Remoting);
        Wal.Get(owner).Open("orders", new WalSettings { Directory = "/log" }, _disk);
        var elsewhere = StartSystem(Remoting);
        Wal.Get(elsewhere);
        var address = ((ExtendedActorSystem)owner).Provider.DefaultAddress;
        var log = await elsewhere.ActorSelection($"{address}{Wal.PathOf("orders")}").ResolveOne(Patience);
        var client = new WalClient(log, Patience);
        Assert.Equal(0, await client.AppendAsync(new byte[] { 1, 2, 3 }));
        Assert.Equal([1, 2, 3], (await client.ReadAsync(0)).ToArray());
    }

    [Fact]
    public void Props_should_bring_what_their_log_needs()
    {
        var system = StartSystem("");
        var props = LogManager.Props(system, new WalSettings { Directory = "/log" }, _disk);
        Assert.Equal("akka-wal.manager-dispatcher", props.Dispatcher);
        Assert.True(system.Dispatchers.HasDispatcher("akka-wal.commit-dispatcher"));
    }

    [Fact]
    public void Configuration_that_has_every_key_should_be_left_alone()
    {
        var own = ConfigurationFactory.ParseString("akka-wal.flush = interval");
        var system = StartSystem(own.WithFallback(WalSettings.ReferenceConfig));
        var (config, serialization) = (system.Settings.Config, system.Serialization);
        Wal.Get(system);
        Assert.Same(config, system.Settings.Config);
        Assert.Same(serialization, system.Serialization);
    }

    [Fact]
    public void What_the_system_says_should_hold_over_what_is_injected()
    {
        var system = StartSystem("akka-wal { sync-dispatcher.throughput = 7, max-restarts = 3 }");
        Assert.Equal(3, Wal.Get(system).SettingsOf("orders").MaxRestarts);
        Assert.Equal(7, system.Dispatchers.Lookup("akka-wal.sync-dispatcher").Throughput);
    }

    [Fact]
    public async Task Logs_should_be_found_by_their_names_each_with_its_own_settings_over_the_common_ones()
    {
        var system = StartSystem($$"""
            akka-wal {
              flush = os-cache
              retention.max-segments = 5
              directory = "{{_root}}/wal"
              logs.orders { directory = "{{_root}}/orders", flush = always, retention.max-bytes = 1 GiB }
              logs.audit.directory = "{{_root}}/audit"
            }
            """);
        var wal = Wal.Get(system);
        var orders = wal.SettingsOf("orders");
        Assert.Equal(FlushPolicy.Always, orders.Options.Flush);
        Assert.Equal((1L << 30, 5), (orders.Retention.MaxBytes, orders.Retention.MaxSegments));
        Assert.Equal(FlushPolicy.OsCache, wal.SettingsOf("audit").Options.Flush);

        foreach (var name in new[] { "orders", "audit", Wal.DefaultName })
        {
            var log = wal.Log(name);
            Assert.Same(log, wal.Log(name));
            Assert.Equal(Wal.PathOf(name), log.Path.ToStringWithoutAddress());
            await new WalClient(log, Patience).AppendAsync(new byte[] { 1 });
            Assert.True(File.Exists(Path.Combine(_root, name, "MANIFEST")), name);
        }
        Assert.Equal(3, wal.States.Count);
    }

    [Fact]
    public void Log_that_many_ask_for_should_be_started_once()
    {
        var wal = Wal.Get(StartSystem($"akka-wal.logs.orders.directory = \"{_root}/orders\""));
        var logs = new IActorRef[32];
        Parallel.For(0, logs.Length, i => logs[i] = wal.Log("orders"));
        Assert.All(logs, log => Assert.Same(logs[0], log));
    }

    [Theory]
    [InlineData("ordres", "akka-wal.logs.ordres is not known; did you mean akka-wal.logs.orders?")]
    [InlineData("zebra", "akka-wal.logs.zebra is not known; akka-wal.logs has by-hand, nowhere, orders")]
    [InlineData("nowhere", "akka-wal.logs.nowhere.directory must be set: the absolute path of the log's own directory")]
    [InlineData("again", "akka-wal.logs.again.directory is the log by-hand's: /log")]
    [InlineData("a/b",
        "akka-wal.logs.a/b is no name for a log: it must be the name of an actor, of at most 128 letters")]
    public void Log_that_cannot_be_should_be_refused_with_what_is_wrong(string name, string expected)
    {
        var wal = Wal.Get(StartSystem($$"""
            akka-wal.logs {
              orders.directory = "{{_root}}/orders"
              nowhere.flush = always
            }
            """));
        wal.Open("by-hand", new WalSettings { Directory = "/log" }, _disk);
        var problem = Assert.Throws<WalConfigException>(() => name is "again" or "a/b"
            ? wal.Open(name, new WalSettings { Directory = name == "again" ? "/log/" : "/other" }, _disk)
            : wal.Log(name));
        Assert.Equal(expected, problem.Message);
        var third = new WalSettings { Directory = "/third" };
        Assert.Throws<InvalidOperationException>(() => wal.Open("by-hand", third, _disk));
    }

    [Theory]
    [InlineData("logs.orders.max-segment-byte = 1",
        "akka-wal.logs.orders.max-segment-byte is not known; did you mean akka-wal.logs.orders.max-segment-bytes?")]
    [InlineData("logs.orders.flush = sometimes",
        "akka-wal.logs.orders.flush must be always, interval or os-cache, not 'sometimes'")]
    [InlineData("logs.orders.retention.max-age = 0 s",
        "akka-wal.logs.orders.retention.max-age must be a duration longer than zero, such as 200 ms, or off, "
        + "not '0 s'")]
    [InlineData("logs.orders.directory = rel",
        "akka-wal.logs.orders.directory must be an absolute path, or \"\", not 'rel'")]
    [InlineData("logs.orders.retention.action = archive",
        "akka-wal.logs.orders.retention.action is archive, and akka-wal.archive.directory says no place")]
    [InlineData("logs.orders = on", "akka-wal.logs.orders is a section and takes no value")]
    [InlineData("logs = on", "akka-wal.logs is a section and takes no value")]
    [InlineData("logs.orders.retention = off", "akka-wal.logs.orders.retention is a section and takes no value")]
    [InlineData("logs.orders.sync-dispatcher.throughput = 5",
        "akka-wal.logs.orders.sync-dispatcher is not one log's own; set akka-wal.sync-dispatcher")]
    [InlineData("logs.orders.logs.x = 5", "akka-wal.logs.orders.logs is not one log's own; set akka-wal.logs")]
    [InlineData("logs.orders.node.window-reads = 5",
        "akka-wal.logs.orders.node is not one log's own; set akka-wal.node")]
    [InlineData("logs.\"a b\".flush = always",
        "akka-wal.logs.a b is no name for a log: it must be the name of an actor, of at most 128 letters")]
    [InlineData("fulsh = always", "akka-wal.fulsh is not known; did you mean akka-wal.flush?")]
    [InlineData("log.orders.flush = always", "akka-wal.log is not known; did you mean akka-wal.logs?")]
    public void Section_that_is_not_as_it_must_be_should_be_refused_with_its_key(string hocon, string expected)
    {
        var system = StartSystem($"akka-wal {{ {hocon} }}");
        Assert.Equal(expected, Assert.Throws<WalConfigException>(() => Wal.Get(system)).Message);
        var settings = new WalSettings { Directory = "/log" };
        var ofProps = Assert.Throws<WalConfigException>(() => LogManager.Props(system, settings, _disk));
        Assert.Equal(expected, ofProps.Message);
    }

    [Fact]
    public async Task Logs_should_be_closed_before_the_system_terminates()
    {
        var system = StartSystem("""
            akka.coordinated-shutdown.phases {
              after-logs { depends-on = [before-actor-system-terminate] }
              actor-system-terminate.depends-on = [after-logs]
            }
            """);
        var wal = Wal.Get(system);
        foreach (var name in new[] { "a", "b" })
        {
            var options = new WalOptions { Flush = FlushPolicy.OsCache };
            var settings = new WalSettings { Directory = $"/{name}", Options = options };
            await new WalClient(wal.Open(name, settings, _disk), Patience).AppendAsync(new byte[] { 1 });
        }
        var log = wal.Log("a");
        var seen = new TaskCompletionSource<(int Logs, int Handles, int Locks, FailureKind Refusal)>();
        CoordinatedShutdown.Get(system).AddTask("after-logs", "look", async () =>
        {
            var refusal = await Assert.ThrowsAsync<WalRequestException>(
                () => new WalClient(log, Patience).AppendAsync(new byte[] { 2 }));
            seen.SetResult((wal.States.Count, _disk.OpenHandleCount, _disk.HeldLockCount, refusal.Kind));
            return Done.Instance;
        });
        await system.Terminate();
        Assert.Equal((0, 0, 0, FailureKind.Unavailable), await seen.Task.WaitAsync(Patience));
        var cut = _disk.PowerCut(new Random(1), new CutMode(KeptBytes.None, KeptNames.None));
        using var closed = SegmentedLog.Open("/a", new WalOptions(), cut);
        Assert.Equal(1, closed.NextOffset);
    }

    [Fact]
    public async Task Client_should_find_the_log_again_that_was_stopped_and_started_under_its_name()
    {
        var system = StartSystem("");
        var wal = Wal.Get(system);
        var first = wal.Open("orders", new WalSettings { Directory = "/log" }, _disk);
        var path = $"{((ExtendedActorSystem)system).Provider.DefaultAddress}{Wal.PathOf("orders")}";
        WalClient[] clients =
            [wal.Client("orders", Patience), wal.Client(path, Patience), wal.Client(Wal.PathOf("orders"), Patience)];
        foreach (var client in clients) await client.AppendAsync(new byte[] { 1 });

        await wal.CloseAsync("orders");
        Assert.Equal((0, 0), (wal.States.Count, _disk.HeldLockCount));
        // It waits until the log is opened.
        var waiting = clients[0].AppendAsync(new byte[] { 1 });
        var again = wal.Log("orders");
        Assert.NotEqual(first, again);
        Assert.Same(again, wal.Log("orders"));
        Assert.Equal(3, await waiting);
        foreach (var client in clients) await client.AppendAsync(new byte[] { 1 });
        Assert.Equal(7, (await clients[1].GetInfoAsync()).NextOffset);
    }

    [Theory]
    [InlineData("stop")]
    [InlineData("kill")]
    public async Task Log_that_stopped_by_itself_should_leave_the_list_and_be_opened_by_the_next_request(string end)
    {
        var system = StartSystem("");
        var wal = Wal.Get(system);
        var log = wal.Open("orders", new WalSettings { Directory = "/log" }, _disk);
        var client = wal.Client("orders", Patience);
        await client.AppendAsync(new byte[] { 1 });
        var stopped = log.WatchAsync();
        if (end == "kill") log.Tell(Kill.Instance);
        else system.Stop(log);
        await stopped.WaitAsync(Patience);
        // Until the log's name is free, requests are refused as not having happened.
        while (true)
        {
            try
            {
                Assert.Equal(1, await client.AppendAsync(new byte[] { 1 }));
                break;
            }
            catch (WalRequestException e) when (e.Kind == FailureKind.Unavailable)
            {
                await Task.Yield();
            }
        }
        Assert.NotEqual(log, wal.Log("orders"));
        await wal.CloseAsync("orders");
        // Another log can have its directory now, and it can have another directory.
        await new WalClient(wal.Open("bills", new WalSettings { Directory = "/log" }, _disk), Patience).GetInfoAsync();
        var moved = wal.Open("orders", new WalSettings { Directory = "/other" }, _disk);
        Assert.Equal(0, (await new WalClient(moved, Patience).GetInfoAsync()).NextOffset);
    }

    [Fact]
    public async Task Close_should_end_also_where_the_log_is_opened_again_at_once()
    {
        var wal = Wal.Get(StartSystem(""));
        var log = wal.Open("orders", new WalSettings { Directory = "/log" }, _disk);
        for (var i = 0; i < 50; i++)
        {
            var closed = wal.CloseAsync("orders");
            var next = log;
            while (next.Equals(log)) next = wal.Log("orders");
            await closed.WaitAsync(Patience);
            log = next;
        }
    }

    [Fact]
    public async Task Client_of_a_log_that_stays_closed_should_be_refused_with_what_to_do()
    {
        var wal = Wal.Get(StartSystem(""));
        wal.Open("orders", new WalSettings { Directory = "/log" }, _disk);
        var client = wal.Client("orders", TimeSpan.FromMilliseconds(50));
        await wal.CloseAsync("orders");
        foreach (var request in new Func<Task>[]
        {
            () => client.AppendAsync(new byte[1]), () => client.GetInfoAsync(),
            async () => await client.FollowAsync(0).CountAsync(),
        })
        {
            var refusal = await Assert.ThrowsAsync<WalRequestException>(request);
            Assert.Equal(FailureKind.Unavailable, refusal.Kind);
            Assert.Contains("the log orders was closed, and was not opened again within", refusal.Message);
            Assert.Equal("akka://spec/system/akka-wal.orders", refusal.Log);
        }
        await wal.CloseAsync("orders");
        await wal.CloseAsync("nothing");
        Assert.Equal(0, wal.States.Count);
        Assert.Equal(
            "akka-wal.logs.ordres is not known; did you mean akka-wal.logs.orders?",
            Assert.Throws<WalConfigException>(() => wal.Client("ordres", Patience)).Message);
        Assert.Throws<ArgumentException>(() => wal.Client("not/a path", Patience));
    }

    [Fact]
    public async Task Log_should_not_be_opened_again_while_the_system_ends()
    {
        var system = StartSystem("""
            akka.coordinated-shutdown.phases {
              after-logs { depends-on = [before-actor-system-terminate] }
              actor-system-terminate.depends-on = [after-logs]
            }
            """);
        var wal = Wal.Get(system);
        var log = wal.Open("orders", new WalSettings { Directory = "/log" }, _disk);
        var client = wal.Client("orders", Patience);
        await client.AppendAsync(new byte[] { 1 });
        var seen = new TaskCompletionSource<WalRequestException>();
        CoordinatedShutdown.Get(system).AddTask("after-logs", "look", async () =>
        {
            seen.SetResult(await Assert.ThrowsAsync<WalRequestException>(() => client.AppendAsync(new byte[] { 2 })));
            return Done.Instance;
        });
        await system.Terminate();
        Assert.Equal(FailureKind.Unavailable, (await seen.Task.WaitAsync(Patience)).Kind);
        Assert.Equal(0, _disk.HeldLockCount);
        var problem = Assert.Throws<InvalidOperationException>(
            () => wal.Open("more", new WalSettings { Directory = "/more" }, _disk));
        Assert.Contains("the actor system is ending", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Extension_should_be_loaded_where_the_configuration_names_it() =>
        Assert.True(StartSystem("akka.extensions = [\"AkkaWal.WalProvider, AkkaWal\"]").HasExtension<Wal>());

    private ActorSystem StartSystem(string hocon) => StartSystem(ConfigurationFactory.ParseString(hocon));

    private ActorSystem StartSystem(Config config)
    {
        var system = ActorSystem.Create("spec", config);
        _systems.Add(system);
        return system;
    }
}
