namespace AkkaWal.Storage.Tests;

/// <summary>
/// Everything in and below a directory, as lines: names, modes and bytes. LOCK is left out, since it names the last
/// process that held it.
/// </summary>
public static class DirectorySnapshot
{
    public static List<string> Of(string directory) =>
    [
        .. new DirectoryInfo(directory).EnumerateFileSystemInfos("*", SearchOption.AllDirectories)
            .OrderBy(entry => entry.FullName, StringComparer.Ordinal)
            .Where(entry => entry.Name != "LOCK")
            .Select(
                entry => $"{Path.GetRelativePath(directory, entry.FullName)} {entry.UnixFileMode} {BytesOf(entry)}"),
    ];

    private static string BytesOf(FileSystemInfo entry) => entry switch
    {
        { LinkTarget: { } target } => $"-> {target}",
        FileInfo => Convert.ToHexString(File.ReadAllBytes(entry.FullName)),
        _ => "/",
    };
}
