using AkkaWal.Node.Data;
using AkkaWal.Storage.IO;

namespace AkkaWal.Node.Tests.Data;

public sealed class DataHomeSpec : IDisposable
{
    private readonly string _temporary = Directory.CreateTempSubdirectory("node-tests-").FullName;
    private readonly List<string> _notes = [];

    public void Dispose() => Directory.Delete(_temporary, true);

    private DataHome Home(string? given = null) => new(PosixFileSystem.Instance, given, _temporary, _notes.Add);

    private static void Fill(string directory)
    {
        Directory.CreateDirectory(Path.Combine(directory, "deeper"));
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
        string directory = home.DirectoryOf("n1");
        Assert.Equal(directory, home.DirectoryOf("n1"));
        string own = Path.GetDirectoryName(directory)!;
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(own));
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
        string dead = Path.Combine(_temporary, "akkawal-dead");
        Fill(dead);
        File.WriteAllText(Path.Combine(dead, "LOCK"), "process 1");
        string empty = Directory.CreateDirectory(Path.Combine(_temporary, "akkawal-empty")).FullName;
        string unlocked = Path.Combine(_temporary, "akkawal-without-lock");
        Fill(unlocked);
        string foreign = Path.Combine(_temporary, "other");
        Fill(foreign);
        string elsewhere = Path.Combine(_temporary, "elsewhere");
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
        string elsewhere = Path.Combine(_temporary, "elsewhere");
        Fill(elsewhere);
        string dead = Directory.CreateDirectory(Path.Combine(_temporary, "akkawal-dead")).FullName;
        File.WriteAllText(Path.Combine(dead, "LOCK"), "");
        Directory.CreateSymbolicLink(Path.Combine(dead, "link"), elsewhere);
        Home().Sweep();
        Assert.False(Directory.Exists(dead));
        Assert.True(File.Exists(Path.Combine(elsewhere, "deeper", "file")));
    }

    [Fact]
    public void Sweep_of_a_folder_that_is_not_there_should_do_nothing() =>
        new DataHome(PosixFileSystem.Instance, null, "/nowhere/at/all", _notes.Add).Sweep();
}
