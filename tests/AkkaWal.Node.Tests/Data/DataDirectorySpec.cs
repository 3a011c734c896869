using System.Diagnostics;
using AkkaWal.Node.Data;
using AkkaWal.Storage;
using AkkaWal.Storage.Files;
using AkkaWal.TestKit;

namespace AkkaWal.Node.Tests.Data;

public sealed class DataDirectorySpec : IDisposable
{
    private readonly string _temporary = Directory.CreateTempSubdirectory("node-tests-").FullName;
    private readonly List<string> _notes = [];

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    public void Dispose() => Directory.Delete(_temporary, true);

    private DataDirectory Home(string? given = null) => new(WalFileSystem.Default, given, _temporary, _notes.Add);

    /// <summary>A folder as a node leaves it when it is killed.</summary>
    private string Leftover(string name)
    {
        var directory = Path.Combine(_temporary, name);
        Directory.CreateDirectory(directory, OwnerOnly);
        Fill(directory);
        File.WriteAllText(Path.Combine(directory, "LOCK"), "process 1");
        return directory;
    }

    private static void Fill(string directory)
    {
        Directory.CreateDirectory(Path.Combine(directory, "deeper"), OwnerOnly);
        File.WriteAllText(Path.Combine(directory, "00000000.log"), "x");
        File.WriteAllText(Path.Combine(directory, "deeper", "file"), "x");
        File.SetUnixFileMode(Path.Combine(directory, "00000000.log"), UnixFileMode.UserRead);
    }

    [Fact]
    public void Given_folder_should_be_used_and_never_removed()
    {
        var home = Home("/data");
        Assert.Equal("/data/n1", home.DirectoryOf("n1"));
        home.Sweep();
        home.Remove();
        Assert.Empty(_notes);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_temporary));
    }

    [Fact]
    public void Private_folder_should_be_the_owners_alone_said_and_removed()
    {
        var home = Home();
        var directory = home.DirectoryOf("n1");
        Assert.Equal(directory, home.DirectoryOf("n1"));
        var own = Path.GetDirectoryName(directory)!;
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(own));
        Assert.Contains(own, Assert.Single(_notes), StringComparison.Ordinal);
        Fill(directory);
        home.Remove();
        Assert.Empty(Directory.EnumerateFileSystemEntries(_temporary));
    }

    [Fact]
    public void Sweep_should_remove_what_a_dead_process_left_and_nothing_else()
    {
        var living = Home();
        Fill(living.DirectoryOf("n1"));
        var dead = Leftover("akkawal-dead");
        var empty = Directory.CreateDirectory(Path.Combine(_temporary, "akkawal-empty"), OwnerOnly).FullName;
        var unlocked = Leftover("akkawal-without-lock");
        File.Delete(Path.Combine(unlocked, "LOCK"));
        var foreign = Path.Combine(_temporary, "other");
        Fill(foreign);
        var elsewhere = Path.Combine(_temporary, "elsewhere");
        Fill(elsewhere);
        Directory.CreateSymbolicLink(Path.Combine(_temporary, "akkawal-link"), elsewhere);

        Home().Sweep();
        Assert.False(Directory.Exists(dead));
        Assert.False(Directory.Exists(empty));
        Assert.True(File.Exists(Path.Combine(living.DirectoryOf("n1"), "deeper", "file")));
        Assert.True(File.Exists(Path.Combine(unlocked, "deeper", "file")));
        Assert.True(File.Exists(Path.Combine(foreign, "deeper", "file")));
        Assert.True(File.Exists(Path.Combine(elsewhere, "deeper", "file")));
        living.Remove();
    }

    [Fact]
    public void Sweep_should_not_follow_a_link_inside_a_leftover()
    {
        var elsewhere = Path.Combine(_temporary, "elsewhere");
        Fill(elsewhere);
        var dead = Leftover("akkawal-dead");
        Directory.CreateSymbolicLink(Path.Combine(dead, "link"), elsewhere);
        Home().Sweep();
        Assert.False(Directory.Exists(dead));
        Assert.True(File.Exists(Path.Combine(elsewhere, "deeper", "file")));
    }

    [Theory]
    [InlineData("755")]
    [InlineData("770")]
    [InlineData("1700")]
    public void Sweep_should_leave_a_folder_alone_that_others_have_rights_to(string mode)
    {
        var open = Leftover("akkawal-open");
        Tool("chmod", mode, open);
        Home().Sweep();
        Assert.True(File.Exists(Path.Combine(open, "deeper", "file")));
    }

    [Fact]
    public void Sweep_should_leave_the_folder_of_another_user_alone_whoever_runs_it()
    {
        var others = Leftover("akkawal-others");
        // Only root can change a folder's owner. Other users make it writable for all instead.
        if (Environment.IsPrivilegedProcess) Tool("chown", "65534", others);
        else Tool("chmod", "777", others);
        Home().Sweep();
        Assert.True(File.Exists(Path.Combine(others, "deeper", "file")));
    }

    [Fact]
    public void Sweep_should_empty_nothing_behind_a_link_that_took_a_folders_place_while_it_ran()
    {
        var elsewhere = Path.Combine(_temporary, "elsewhere");
        Fill(elsewhere);
        var dead = Leftover("akkawal-dead");
        var swapped = Path.Combine(dead, "deeper");
        var files = new SwappingFiles(dead, () =>
        {
            Directory.Delete(swapped, true);
            Directory.CreateSymbolicLink(swapped, elsewhere);
        });
        new DataDirectory(files, null, _temporary, _notes.Add).Sweep();
        Assert.True(files.HasSwapped);
        Assert.True(File.Exists(Path.Combine(elsewhere, "deeper", "file")));
        Assert.True(File.Exists(Path.Combine(elsewhere, "00000000.log")));
    }

    [Fact]
    public void Sweep_should_empty_nothing_behind_a_link_that_took_the_leftovers_own_place_while_it_ran()
    {
        var elsewhere = Path.Combine(_temporary, "elsewhere");
        Fill(elsewhere);
        var dead = Leftover("akkawal-dead");
        var files = new SwappingFiles(dead, () =>
        {
            Directory.Move(dead, Path.Combine(_temporary, "moved"));
            Directory.CreateSymbolicLink(dead, elsewhere);
        });
        new DataDirectory(files, null, _temporary, _notes.Add).Sweep();
        Assert.True(files.HasSwapped);
        Assert.True(File.Exists(Path.Combine(elsewhere, "deeper", "file")));
    }

    private static void Tool(string name, params string[] arguments)
    {
        using var tool = Process.Start(name, arguments);
        tool.WaitForExit();
        Assert.Equal(0, tool.ExitCode);
    }

    /// <summary>Runs an action right after a folder was listed.</summary>
    private sealed class SwappingFiles(string folder, Action swap) : ForwardingFiles(WalFileSystem.Default)
    {
        public bool HasSwapped { get; private set; }

        public override IReadOnlyList<WalDirectoryEntry> List(string directory)
        {
            var entries = base.List(directory);
            if (directory == folder && !HasSwapped)
            {
                swap();
                HasSwapped = true;
            }

            return entries;
        }
    }

    [Fact]
    public void Sweep_of_a_folder_that_is_not_there_should_do_nothing() =>
        new DataDirectory(WalFileSystem.Default, null, "/nowhere/at/all", _notes.Add).Sweep();
}
