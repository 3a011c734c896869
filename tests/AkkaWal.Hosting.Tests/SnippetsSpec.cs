using System.Text.RegularExpressions;
using AkkaWal.Tests.House;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace AkkaWal.Hosting.Tests;

/// <summary>The code in docs/EMBEDDING.md compiles, but for that of other projects.</summary>
public sealed partial class SnippetsSpec
{
    /// <summary>Words of code that needs projects which this one does not reference.</summary>
    private const string Elsewhere = @"\bWal(Sink|Source)\b";

    // What the text around a snippet speaks of.
    private const string Surroundings = """
        public sealed class OrdersLog;

        static HostApplicationBuilder builder;
        static AkkaConfigurationBuilder akka;
        static ActorSystem system;
        static IActorRef log;
        static IWalClient wal;
        static ISegmentArchive archive;
        static CancellationToken stop;
        static long next, nextOffset, requestId;
        static byte[] payload;

        static Task<bool> Handle(ReadOnlyMemory<byte> payload) => Task.FromResult(true);

        """;

    private static readonly string[] Usings =
    [
        "System", "System.Collections.Generic", "System.Linq", "System.Text", "System.Threading",
        "System.Threading.Tasks",
        "Akka.Actor", "Akka.Event", "Akka.Hosting", "AkkaWal", "AkkaWal.Hosting", "AkkaWal.Protocol", "AkkaWal.Storage",
        "Microsoft.Extensions.Configuration", "Microsoft.Extensions.DependencyInjection",
        "Microsoft.Extensions.Hosting",
    ];

    private static readonly IReadOnlyList<string> Snippets =
        [.. Fence().Matches(File.ReadAllText(Path.Combine(Checkout.Root, "docs", "EMBEDDING.md")))
            .Select(match => match.Groups["code"].Value)
            .Where(code => !Regex.IsMatch(code, Elsewhere))];

    private static readonly IReadOnlyList<MetadataReference> References =
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Select(path => MetadataReference.CreateFromFile(path))];

    public static TheoryData<int> Numbers() => [.. Enumerable.Range(0, Snippets.Count)];

    [Theory]
    [MemberData(nameof(Numbers))]
    public void Snippet_should_compile(int number) => Assert.Equal("", Problems(Snippets[number]));

    [Fact]
    public void Snippets_should_be_found_and_planted_errors_too()
    {
        Assert.InRange(Snippets.Count, 10, 100);
        Assert.Contains("CS1061", Problems("var orders = Wal.Get(system).Logg(\"orders\");"), StringComparison.Ordinal);
    }

    private static string Problems(string snippet)
    {
        var lines = snippet.Split('\n').ToLookup(line => UsingLine().IsMatch(line));
        var code = string.Join('\n', lines[false]).TrimEnd();
        // A call that stands in a chain of others has no semicolon.
        if (code.EndsWith(')')) code += ";";
        var body = code.TrimStart().StartsWith("public ", StringComparison.Ordinal)
            ? code
            : $"static async Task Run()\n{{\nawait Task.Yield();\n{code}\n}}";
        var usings = string.Join('\n', lines[true].Concat(Usings.Select(name => $"using {name};")).Distinct());
        var tree = CSharpSyntaxTree.ParseText($"{usings}\n\npublic class Snippet\n{{\n{Surroundings}\n{body}\n}}\n");
        var options = new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary);
        return string.Join('\n', CSharpCompilation.Create("snippet", [tree], References, options)
            .GetDiagnostics()
            .Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error));
    }

    [GeneratedRegex(@"^```csharp\n(?<code>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();

    [GeneratedRegex(@"^using [\w.]+;$")]
    private static partial Regex UsingLine();
}
