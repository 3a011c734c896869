using AkkaWal.Crash.Tests.Workloads;
using AkkaWal.Storage;
using AkkaWal.Storage.Files;
using AkkaWal.TestKit;

namespace AkkaWal.Crash.Tests.Opening;

/// <summary>The directory of a sample log that a test damages, on the simulated disk or a real one.</summary>
internal abstract class LogRig : IDisposable
{
    protected LogRig(SampleLog sample) => Sample = sample;

    /// <summary>The log before the damage.</summary>
    public SampleLog Sample { get; }

    public abstract string Directory { get; }

    public abstract IWalFileSystem Files { get; }

    public string At(string name) => $"{Directory}/{name}";

    public abstract bool Exists(string name);

    public abstract byte[] Read(string name);

    /// <summary>Replaces a file, also for open handles, or creates it.</summary>
    public abstract void Write(string name, ReadOnlySpan<byte> bytes);

    public abstract void Lose(string name);

    /// <summary>Puts a symbolic link in a file's place.</summary>
    public abstract void PlaceLink(string name);

    /// <summary>Everything in the directory except LOCK, which names the last process that held it.</summary>
    public abstract IReadOnlyList<string> Snapshot();

    public void Flip(string name, int position)
    {
        var bytes = Read(name);
        bytes[position] ^= 1;
        Write(name, bytes);
    }

    public SegmentedLog Open(Action<string>? note = null) =>
        SegmentedLog.Open(Directory, SampleLog.Options, Files, note);

    /// <summary>Undoes all damage: files that differ from the sample are restored, and no others are touched.</summary>
    public void Mend()
    {
        var names = Sample.Disk.List(Workload.Directory).Select(entry => entry.Name).Where(name => name != "LOCK")
            .ToList();
        foreach (var entry in Files.List(Directory))
            if (entry.Name != "LOCK" && (!names.Contains(entry.Name) || entry.Kind != WalEntryKind.File))
                Lose(entry.Name);
        foreach (var name in names)
        {
            var original = Sample.Disk.ReadAll(SampleLog.At(name));
            if (!Exists(name) || !Read(name).AsSpan().SequenceEqual(original)) Write(name, original);
        }
    }

    public static LogRig Of(string disk, SampleLog sample) =>
        disk == "real" ? new RealRig(sample) : new SimulatedRig(sample);

    public abstract void Dispose();
}

internal sealed class SimulatedRig(SampleLog sample) : LogRig(sample)
{
    public SimulatedDisk Disk { get; } = sample.Disk.Kill();

    public override string Directory => Workload.Directory;

    public override IWalFileSystem Files => Disk;

    public override bool Exists(string name) => Disk.Stat(At(name)) is not null;

    public override byte[] Read(string name) => Disk.ReadAll(At(name));

    public override void Write(string name, ReadOnlySpan<byte> bytes) => Disk.Overwrite(At(name), bytes);

    public override void Lose(string name) => Disk.Lose(At(name));

    public override void PlaceLink(string name) => Disk.PlaceOther(At(name));

    // Every change of the disk is one of its operations.
    public override IReadOnlyList<string> Snapshot() =>
        [.. Disk.Operations.Where(o =>
            o.Kind is not (DiskOperationKind.Lock or DiskOperationKind.SyncDirectory) && o.Name != "LOCK")
            .Select(o => o.ToString())];

    public override void Dispose()
    {
    }
}

internal sealed class RealRig : LogRig
{
    private readonly string _place = System.IO.Directory.CreateTempSubdirectory("wal-rig-").FullName;

    public RealRig(SampleLog sample) : base(sample)
    {
        foreach (var entry in sample.Disk.List(Workload.Directory))
        {
            if (entry.Name == "LOCK") continue;
            Write(entry.Name, sample.Disk.ReadAll(SampleLog.At(entry.Name)));
            if (entry.Name != "MANIFEST" && !entry.Name.StartsWith($"{sample.ActiveBase:D8}", StringComparison.Ordinal))
                Files.MakeReadOnly(At(entry.Name));
        }
    }

    public override string Directory => _place;

    public override IWalFileSystem Files => WalFileSystem.Default;

    public override bool Exists(string name) => File.Exists(At(name));

    public override byte[] Read(string name) => File.ReadAllBytes(At(name));

    public override void Write(string name, ReadOnlySpan<byte> bytes)
    {
        // Sealed files are read-only.
        File.Delete(At(name));
        File.WriteAllBytes(At(name), bytes);
    }

    public override void Lose(string name) => File.Delete(At(name));

    public override void PlaceLink(string name)
    {
        File.Delete(At(name));
        File.CreateSymbolicLink(At(name), "/etc/hostname");
    }

    public override IReadOnlyList<string> Snapshot() =>
    [
        .. new DirectoryInfo(_place).EnumerateFileSystemInfos("*", SearchOption.AllDirectories)
            .OrderBy(entry => entry.FullName, StringComparer.Ordinal)
            .Where(entry => entry.Name != "LOCK")
            .Select(entry => $"{entry.Name} {entry.UnixFileMode} {entry.LastWriteTimeUtc.Ticks} {BytesOf(entry)}"),
    ];

    public override void Dispose() => System.IO.Directory.Delete(_place, recursive: true);

    private static string BytesOf(FileSystemInfo entry) => entry switch
    {
        { LinkTarget: { } target } => $"-> {target}",
        FileInfo => Convert.ToHexString(File.ReadAllBytes(entry.FullName)),
        _ => "/",
    };
}
