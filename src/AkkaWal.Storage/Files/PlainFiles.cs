namespace AkkaWal.Storage.Files;

/// <summary>What a file must be before the log opens it.</summary>
internal static class PlainFiles
{
    /// <exception cref="WalIOException">It is no plain file.</exception>
    internal static void ThrowIfNotPlain(WalEntryKind kind, string path)
    {
        if (kind != WalEntryKind.File) throw new WalIOException("open", path, false, "it is no plain file");
    }

    /// <exception cref="WalIOException">The file has a second name, whose bytes a write would change: perhaps in a copy
    /// of the log.</exception>
    internal static void ThrowIfShared(uint linkCount, string path)
    {
        if (linkCount <= 1) return;
        throw new WalIOException("write", path, false,
            $"it has {linkCount} names (hard links), and to write it would change what stands under all of them: "
            + $"give it bytes of its own (cp -p {path} {path}.copy && mv {path}.copy {path}), or remove the others");
    }
}
