namespace AkkaWal.Storage.Files.DryRun;

/// <summary>How many bytes a dry run holds in memory, and the bound of them. From any thread.</summary>
internal sealed class DryRunRoom
{
    private long _usedBytes;

    /// <summary>Reserves room for bytes that are about to be held.</summary>
    /// <exception cref="WalIOException">There is none left.</exception>
    internal void Reserve(string path, long count)
    {
        if (Interlocked.Add(ref _usedBytes, count) <= DryRunFiles.MaxBytes) return;
        Release(count);
        throw new WalIOException(
            "write", path, WalIOCause.NoRoom,
            $"a dry run holds at most {DryRunFiles.MaxBytes >> 20} MiB of changes in memory");
    }

    /// <summary>Releases what was reserved.</summary>
    internal void Release(long count) => Interlocked.Add(ref _usedBytes, -count);
}
