using System.Text;
using System.Text.RegularExpressions;
using AkkaWal.Node.CommandLine;
using AkkaWal.Node.Tests.CommandLine;
using AkkaWal.Storage;
using AkkaWal.Tests.House;

namespace AkkaWal.Node.Tests.Documents;

/// <summary>
/// The pictures in docs/images are what the program shows on a terminal. With <c>AKKAWAL_DRAW=1</c> the spec draws them
/// anew.
/// </summary>
public sealed partial class PicturesSpec : VerbSpec
{
    private const int Columns = 96;

    /// <summary>Segments of a few orders, whose sizes differ.</summary>
    private static readonly WalOptions FewOrdersASegment = new() { MaxSegmentBytes = 4000 };

    private static readonly string Images = Path.Combine(Checkout.Root, "docs", "images");

    private static readonly string[] Drawn = ["inspect", "verify", "repair", "help"];

    public static TheoryData<string> Names() => [.. Drawn];

    [Theory]
    [MemberData(nameof(Names))]
    public void Picture_should_be_what_a_terminal_shows(string name)
    {
        FillWithSegmentsOfSeveralSizes();
        var (command, shown) = name switch
        {
            "inspect" => ("inspect wal", Show("inspect", Log)),
            "verify" => ("verify wal", UntilBarIsFull(Show("verify", Log))),
            "repair" => ("repair wal", ShowRepair()),
            _ => ("repair --help", Show("repair", "--help")),
        };
        var screen = new TerminalScreen();
        screen.Write($"\e[90m$\e[0m \e[1makkawal {command}\e[0m\n{Stable(shown)}");
        string picture = TerminalPicture.Draw(screen, $"akkawal {command}"), file = Path.Combine(Images, $"{name}.svg");
        if (Environment.GetEnvironmentVariable("AKKAWAL_DRAW") == "1") File.WriteAllText(file, picture);
        Assert.True(
            File.Exists(file) && File.ReadAllText(file) == picture,
            $"{file} is not what the program shows now: run this spec with AKKAWAL_DRAW=1 and look at it");
    }

    [Fact]
    public void Pictures_should_be_drawn_here_and_shown_by_a_document()
    {
        var documents = Directory.EnumerateFiles(Checkout.Root, "*.md")
            .Concat(Directory.EnumerateFiles(Path.Combine(Checkout.Root, "docs"), "*.md")).Select(File.ReadAllText);
        var all = string.Concat(documents);
        Assert.Equal(
            Drawn.Select(name => $"{name}.svg").Order(), Directory.GetFiles(Images).Select(Path.GetFileName).Order());
        Assert.All(Drawn, name => Assert.Contains($"images/{name}.svg)", all, StringComparison.Ordinal));
    }

    private void FillWithSegmentsOfSeveralSizes()
    {
        using var log = SegmentedLog.Open(Log, FewOrdersASegment);
        for (var order = 0; order < 24; order++)
            log.Append(Encoding.UTF8.GetBytes($"order {order}: {new string('.', order * 397 % 1500)}"));
        log.Close();
    }

    // A person at the terminal says yes; the terminal shows what is typed.
    private string ShowRepair()
    {
        File.Delete(Directory.EnumerateFiles(Log, "*.log").Order().ElementAt(2));
        return Show("repair", Log);
    }

    private static string Show(params string[] arguments)
    {
        using var screen = new MemoryStream();
        using var input = new TypedYes(screen);
        OperatorTool.Run(arguments, new OperatorConsole(input, screen, screen)
        {
            IsInputTerminal = true, IsOutputTerminal = true, IsErrorTerminal = true, Columns = Columns,
        });
        return Encoding.UTF8.GetString(screen.ToArray());
    }

    // The last thing that a bar shows before it goes.
    private static string UntilBarIsFull(string shown)
    {
        var full = shown.LastIndexOf("100%", StringComparison.Ordinal);
        return shown[..shown.IndexOf('\n', full)];
    }

    private string Stable(string shown)
    {
        var stable = shown.Replace(Log, "/var/lib/shop/wal", StringComparison.Ordinal);
        // Here the program is part of the one that runs tests.
        stable = ProgramInUsage().Replace(stable, "  akkawal ");
        stable = LogId().Replace(stable, "9f7cbcf43e0149c3b3038fbc92a8ff8b");
        stable = SealTime().Replace(stable, "2026-11-29T02:18:36Z");
        stable = FolderTime().Replace(stable, "20261129T021842Z");
        return Remaining().Replace(stable, "00:00:00");
    }

    [GeneratedRegex(@"^  \S+ (?=repair <DIR>)", RegexOptions.Multiline)]
    private static partial Regex ProgramInUsage();

    [GeneratedRegex("[0-9a-f]{32}")]
    private static partial Regex LogId();

    [GeneratedRegex(@"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")]
    private static partial Regex SealTime();

    [GeneratedRegex(@"\d{8}T\d{6}Z")]
    private static partial Regex FolderTime();

    [GeneratedRegex(@"--:--:--|(?<![\dT])\d\d:\d\d:\d\d(?!Z)")]
    private static partial Regex Remaining();

    private sealed class TypedYes(Stream screen) : MemoryStream("y\n"u8.ToArray())
    {
        public override int Read(byte[] buffer, int offset, int count)
        {
            screen.Write("y\n"u8);
            return base.Read(buffer, offset, count);
        }
    }
}
