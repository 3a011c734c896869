namespace AkkaWal.Storage.Files.DryRun;

/// <summary>An open directory of <see cref="DryRunFiles"/>. Nothing is created, so that no name needs a sync.</summary>
internal sealed class DryRunDirectory(DryRunFiles files, IWalDirectory below) : DirectoryOver(files, below)
{
    public override void SyncNames()
    {
    }
}
