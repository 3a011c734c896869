using AkkaWal.Storage.Files;
using AkkaWal.Storage.Repair;

namespace AkkaWal.Crash.Tests.Opening;

/// <summary>The directory of another rig, through the file system of a dry run.</summary>
internal sealed class DryRunRig(LogRig below) : LogRig(below.Sample)
{
    public override string Directory => below.Directory;

    public override IWalFileSystem Files { get; } = LogRepair.DryRun(below.Files);

    public override bool Exists(string name) => below.Exists(name);

    public override byte[] Read(string name) => below.Read(name);

    public override void Write(string name, ReadOnlySpan<byte> bytes) => below.Write(name, bytes);

    public override void Lose(string name) => below.Lose(name);

    public override void PlaceLink(string name) => below.PlaceLink(name);

    public override IReadOnlyList<string> Snapshot() => below.Snapshot();

    public override void Dispose()
    {
    }
}
