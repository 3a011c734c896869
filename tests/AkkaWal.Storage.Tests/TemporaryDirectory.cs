namespace AkkaWal.Storage.Tests;

/// <summary>
/// A directory of a test's own, gone with it. Its name does not begin as those that a node sweeps: a node that starts
/// beside the tests would take a log in it for one that a killed process left behind.
/// </summary>
public sealed class TemporaryDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("wal-test-").FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
