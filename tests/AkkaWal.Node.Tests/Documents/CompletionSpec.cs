using AkkaWal.Tests.House;

namespace AkkaWal.Node.Tests.Documents;

/// <summary>The completion functions of docs/COMMANDS.md, in their shells.</summary>
public sealed class CompletionSpec : IDisposable
{
    private readonly string _programs = Directory.CreateTempSubdirectory("completion-").FullName;

    public CompletionSpec() =>
        File.CreateSymbolicLink(Path.Combine(_programs, "akkawal"), BuiltProgram.Path);

    public void Dispose() => Directory.Delete(_programs, recursive: true);

    [Theory]
    [InlineData("akkawal ver", "verify")]
    [InlineData("akkawal compress wal --codec z", "zstd")]
    public async Task Bash_should_complete(string line, string expected) => await Complete(
        "bash", $$"""
        COMP_LINE='{{line}}' COMP_POINT={{line.Length}} COMP_WORDS=({{line}}) COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        _akkawal
        printf '%s\n' "${COMPREPLY[@]}"
        """, expected);

    // A terminal would be needed to press the key: the shell's own variables and functions stand in for it.
    [ShellTheory("zsh")]
    [InlineData("akkawal ver", "verify")]
    [InlineData("akkawal compress wal --codec z", "zstd")]
    public async Task Zsh_should_complete(string line, string expected) => await Complete(
        "zsh", $$"""
        compadd() { shift; print -l -- ${(M)@:#${words[CURRENT]}*}; }
        words=({{line}}) CURRENT=${#words}
        _akkawal
        """, expected, "compdef() { : }\n");

    [ShellTheory("fish")]
    [InlineData("akkawal ver", "verify")]
    [InlineData("akkawal compress wal --codec z", "zstd")]
    public async Task Fish_should_complete(string line, string expected) =>
        await Complete("fish", $"complete -C '{line}'", expected);

    private async Task Complete(string shell, string typed, string expected, string before = "")
    {
        var page = await File.ReadAllTextAsync(Path.Combine(Checkout.Root, "docs", "COMMANDS.md"));
        var function = page.Split($"```{shell}\n")[1].Split("```")[0];
        var script = Path.Combine(_programs, "script");
        await File.WriteAllTextAsync(script, $"{before}{function}\n{typed}\n");
        Assert.Equal(
            ($"{expected}\n", "", 0),
            await BuiltProgram.Shell($"HOME='{_programs}' exec {shell} '{script}'", _programs, _programs));
    }

    /// <summary>A theory that needs a shell, and says so where it is not installed.</summary>
    [AttributeUsage(AttributeTargets.Method)]
    private sealed class ShellTheoryAttribute : TheoryAttribute
    {
        public ShellTheoryAttribute(string shell)
        {
            var places = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':');
            if (!places.Any(place => File.Exists(Path.Combine(place, shell))))
                Skip = $"needs {shell}: apt-get install {shell}";
        }
    }
}
