using AkkaWal.Cluster.Example;
using AkkaWal.Cluster.Example.Nodes;
using AkkaWal.Cluster.Example.Runs;

// Starts three nodes as processes, appends to their logs, and checks that nothing is lost or doubled:
//     dotnet run --project src/AkkaWal.Cluster.Example -- run --seconds 20 --disturb kill
// Starts one node:
//     dotnet run --project src/AkkaWal.Cluster.Example -- node --port 4053 --root /mnt/orders --seed 127.0.0.1:4053
// Measures how fast it is:
//     dotnet run -c Release --project src/AkkaWal.Cluster.Example -- bench
try
{
    return args switch
    {
        ["node", .. var words] => await NodeVerb.Run(words),
        ["run", .. var words] => await RunVerb.Run(words),
        ["bench", .. var words] => await BenchVerb.Run(words),
        _ => throw new UsageException("the first word is run, node or bench"),
    };
}
catch (Exception e) when (e is UsageException or AkkaWal.WalConfigException)
{
    Console.Error.WriteLine(e.Message);
    return 2;
}
