namespace AkkaWal.Storage.Tests;

/// <summary>
/// A temporary directory of a test. Its name differs from those that a node sweeps at its start, since a node beside
/// the tests would take a log in it for one of a killed process.
/// </summary>
public sealed class TemporaryDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("wal-test-").FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
