namespace AkkaWal.Storage.Tests;

/// <summary>
/// Everything in a directory and below it, as lines: names, modes and bytes. The bytes of LOCK tell who held it last,
/// and are left out.
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
