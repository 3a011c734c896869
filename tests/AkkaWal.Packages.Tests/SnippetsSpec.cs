using System.Text.RegularExpressions;
using AkkaWal.Tests.House;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace AkkaWal.Packages.Tests;

/// <summary>
/// The code in the documents compiles. A line with three dots divides a block into parts, which stand in different
/// places of a program.
/// </summary>
public sealed partial class SnippetsSpec
{
    // The base of a spec in the documents.
    private const string BaseOfSpecs = "TestKit";

    // What the text around a snippet speaks of.
    private const string Surroundings = $$"""
        public class Surroundings : {{BaseOfSpecs}}
        {
            public sealed class Orders;

            public sealed class OrdersLog;

            protected static HostApplicationBuilder builder;
            protected static AkkaConfigurationBuilder akka;
            protected static ActorSystem system;
            protected static ActorMaterializer materializer;
            protected static IActorRef log;
            protected static IWalClient wal;
            protected static ISegmentArchive archive;
            protected static Akka.Hosting.Coordination.LeaseOptionBase myLease;
            protected static CancellationToken stop;
            protected static long next, nextOffset, requestId;
            protected static byte[] payload, order;
            protected static bool isFirstStart;

            protected static Task<bool> Handle(ReadOnlyMemory<byte> payload) => Task.FromResult(true);
        }
        """;

    // What "orders" is, where a document speaks of it.
    private const string OrdersOnACluster = "static ShardedWal orders;",
        OrdersOfAStream = "static Source<ReadOnlyMemory<byte>, NotUsed> orders;";

    private static readonly string[] Usings =
    [
        "System", "System.Collections.Generic", "System.Linq", "System.Text", "System.Threading",
        "System.Threading.Tasks",
        "Akka", "Akka.Actor", "Akka.Cluster.Hosting", "Akka.Cluster.Hosting.SBR", "Akka.Event", "Akka.Hosting",
        "Akka.Remote.Hosting",
        "Akka.Streams", "Akka.Streams.Dsl", "Akka.TestKit.Xunit2", "AkkaWal", "AkkaWal.Cluster", "AkkaWal.Hosting",
        "AkkaWal.Protocol", "AkkaWal.Storage", "AkkaWal.Streams", "AkkaWal.TestKit",
        "Microsoft.Extensions.Configuration", "Microsoft.Extensions.DependencyInjection",
        "Microsoft.Extensions.Hosting", "Xunit",
    ];

    private static readonly IReadOnlyList<(string Document, string Code)> Snippets =
    [
        .. from folder in (string[])["", "docs", "src/AkkaWal.Storage"]
        from file in Directory.EnumerateFiles(Path.Combine(Checkout.Root, folder), "*.md").Order(StringComparer.Ordinal)
        from Match block in Fence().Matches(File.ReadAllText(file))
        // A whole file of a program: FirstProgramSpec builds it.
        where !block.Groups["code"].Value.StartsWith("// ", StringComparison.Ordinal)
        from code in Dots().Split(block.Groups["code"].Value)
        select (Path.GetFileName(file), code),
    ];

    private static readonly IReadOnlyList<MetadataReference> References =
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Select(path => MetadataReference.CreateFromFile(path))];

    public static TheoryData<string, int> Numbers()
    {
        var numbers = new TheoryData<string, int>();
        for (var number = 0; number < Snippets.Count; number++) numbers.Add(Snippets[number].Document, number);
        return numbers;
    }

    [Theory]
    [MemberData(nameof(Numbers))]
    public void Snippet_should_compile(string document, int number)
    {
        Assert.Equal(document, Snippets[number].Document);
        Assert.Equal("", Problems(Snippets[number].Code));
    }

    [Fact]
    public void Snippets_should_be_found_and_planted_errors_too()
    {
        Assert.Equal(
            ["CLUSTER.md", "EMBEDDING.md", "README.md", "TESTING.md"],
            Snippets.Select(snippet => snippet.Document).Distinct().Order(StringComparer.Ordinal));
        Assert.Contains("CS1061", Problems("var orders = Wal.Get(system).Logg(\"orders\");"), StringComparison.Ordinal);
    }

    private static string Problems(string snippet)
    {
        var lines = snippet.Split('\n').ToLookup(line => UsingLine().IsMatch(line));
        var code = string.Join('\n', lines[false]).Trim();
        // A call that stands in a chain of others has no semicolon.
        if (code.EndsWith(')')) code += ";";
        var isMember = code.StartsWith("public ", StringComparison.Ordinal) || code.StartsWith('[');
        var body = isMember ? code : $"static async Task Run()\n{{\nawait Task.Yield();\n{code}\n}}";
        var orders = snippet.Contains("RunWith(", StringComparison.Ordinal) ? OrdersOfAStream : OrdersOnACluster;
        var usings = string.Join('\n', lines[true].Concat(Usings.Select(name => $"using {name};")).Distinct());
        var tree = CSharpSyntaxTree.ParseText(
            $"{usings}\n\n{Surroundings}\n\npublic class Snippet : Surroundings\n{{\n{orders}\n{body}\n}}\n");
        var options = new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary);
        return string.Join('\n', CSharpCompilation.Create("snippet", [tree], References, options)
            .GetDiagnostics()
            .Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error));
    }

    [GeneratedRegex(@"^```csharp\n(?<code>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();

    [GeneratedRegex(@"^\.\.\.\n", RegexOptions.Multiline)]
    private static partial Regex Dots();

    [GeneratedRegex(@"^using [\w.]+;$")]
    private static partial Regex UsingLine();
}
