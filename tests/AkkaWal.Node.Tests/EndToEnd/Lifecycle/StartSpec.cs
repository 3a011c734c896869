namespace AkkaWal.Node.Tests.EndToEnd.Lifecycle;

/// <summary>The files that a start loads. Each one costs time, so unused ones must not be loaded.</summary>
public class StartSpec : NodeSpec
{
    // Akka.NET's JSON serializer, run-time code generation, and the packages of the operator's command line each cost a
    // start milliseconds and memory.
    [Theory]
    [InlineData("Newtonsoft.Json.dll")]
    [InlineData("System.Reflection.Emit.Lightweight.dll")]
    [InlineData("System.CommandLine.dll")]
    [InlineData("Spectre.Console.dll")]
    public async Task First_reply_should_come_without_loading_what_it_does_not_need(string library)
    {
        using var node = new NodeRunner(Temporary, "--data-dir", Data);
        node.Send(NodeRunner.Init, Append(2, "a"));
        for (var count = 0; count < 2; count++) await node.ReadLine();
        var mapped = await File.ReadAllTextAsync($"/proc/{node.Id}/maps");
        Assert.Contains("/Akka.dll", mapped, StringComparison.Ordinal);
        Assert.DoesNotContain("/" + library, mapped, StringComparison.Ordinal);
    }
}
