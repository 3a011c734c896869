using System.Text;

namespace AkkaWal.Storage.Files;

/// <summary>What a lock file says about the owner that holds it, for operators.</summary>
internal static class LockHolder
{
    /// <summary>What is known of the holder where its file is gone.</summary>
    internal const string WithoutFile = "another process, whose lock file was removed";

    /// <summary>What is known of the holder where its file does not tell who it is.</summary>
    internal const string Unknown = "another process";

    private const int MaxBytes = 256;

    /// <summary>The holder that is written in an open lock file.</summary>
    internal static string In(IWalFile file)
    {
        Span<byte> text = stackalloc byte[MaxBytes];
        var holder = Encoding.UTF8.GetString(text[..file.Read(0, text)]).Trim();
        return holder.Length == 0 ? Unknown : holder;
    }

    /// <summary>The holder of a lock that is held, by the path of its file.</summary>
    internal static string Of(IWalFileSystem files, string path)
    {
        if (files.Stat(path) is not { Kind: WalEntryKind.File }) return WithoutFile;
        using var file = files.Open(path, FileAccessMode.Read);
        return In(file);
    }
}
