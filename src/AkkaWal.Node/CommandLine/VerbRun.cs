using System.CommandLine;
using System.Text.Json.Nodes;
using AkkaWal.Storage;
using AkkaWal.Storage.Files;
using AkkaWal.Storage.Format;

namespace AkkaWal.Node.CommandLine;

/// <summary>One run of a verb: what was asked for, where the results go, and how far it is.</summary>
/// <param name="console">The standard streams.</param>
/// <param name="arguments">What was parsed.</param>
/// <param name="isJson">Whether results are JSON.</param>
/// <param name="directory">The directory as it was given.</param>
internal sealed class VerbRun(OperatorConsole console, ParseResult arguments, bool isJson, string directory)
{
    private const int MaxNeighbours = 64;

    /// <summary>The standard streams.</summary>
    public OperatorConsole Console { get; } = console;

    /// <summary>What was parsed.</summary>
    public ParseResult Arguments { get; } = arguments;

    /// <summary>Whether results are JSON.</summary>
    public bool IsJson { get; } = isJson;

    /// <summary>The directory that the verb is about, as an absolute path.</summary>
    public string Directory { get; private set; } = directory;

    /// <summary>What a person who interrupts the verb has to know: what was done, and what was not.</summary>
    public Func<string> WhatWasDone { get; set; } = static () => "nothing was changed";

    /// <summary>Whether something may have been changed, so that a failure is one in the middle.</summary>
    public bool HasBegun { get; set; }

    /// <summary>The status of a failure by now.</summary>
    public int FailureStatus => HasBegun ? ExitStatus.Fault : ExitStatus.Refused;

    /// <summary>Makes <see cref="Directory"/> absolute: the first thing that can fail.</summary>
    public void ResolveDirectory() => Directory = Absolute(Directory);

    /// <summary>An absolute path.</summary>
    public static string Absolute(string path) => path.Length == 0
        ? throw VerbException.Refused("a path is empty")
        : Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));

    /// <summary>An option's value; null where it was not given.</summary>
    public T? Get<T>(Option<T> option) => Arguments.GetValue(option);

    /// <summary>The usual options of a log, and the archive that an option names.</summary>
    /// <exception cref="VerbException">It names none, but an empty path.</exception>
    public WalOptions OptionsWith(Option<string> archive) => new() { Archive = ArchiveAt(Get(archive)) };

    /// <summary>Prints text, but not where results are JSON.</summary>
    public void Text(string text)
    {
        if (!IsJson) Console.Write(text);
    }

    /// <summary>Prints one document, only where results are JSON.</summary>
    public void Document(JsonObject document)
    {
        if (IsJson) Console.Write(Report.Document(document));
    }

    /// <summary>Runs something under a bar.</summary>
    public T Under<T>(string title, Func<Action<double, double>, T> work) =>
        ProgressBar.Run(Console, !IsJson, title, work);

    /// <summary>Asks on standard error.</summary>
    /// <returns>Whether the answer is yes.</returns>
    /// <exception cref="OperationCanceledException">A signal came first.</exception>
    public bool Ask(string question)
    {
        const int LongestAnswer = 64;
        Console.Flush();
        Console.WriteError($"{question} [y/N] ");
        byte[] answer = new byte[LongestAnswer];
        int length = Console.ReadInput(answer, 0);
        string said = System.Text.Encoding.UTF8.GetString(answer, 0, length).Trim();
        return said.Equals("y", StringComparison.OrdinalIgnoreCase)
            || said.Equals("yes", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>
    /// Requires a directory with something of a log in it: what opens one would make a new one elsewhere.
    /// </summary>
    /// <exception cref="VerbException">There is no such directory, or nothing of a log in it.</exception>
    /// <exception cref="WalIOException">The platform failed.</exception>
    public void RequireLog()
    {
        if (WalFileSystem.Default.Stat(Directory) is null)
            throw VerbException.Refused($"there is no directory {Directory}", "name the one that holds MANIFEST");
        if (WalFileSystem.Default.Stat(Directory) is { Kind: WalEntryKind.File })
            throw VerbException.Refused($"{Directory} is a file", "name the directory that holds MANIFEST");
        using var opened = WalFileSystem.Default.OpenDirectory(Directory);
        var entries = opened.List(Directory);
        if (entries.Any(static entry => IsOfLog(entry.Name))) return;
        string hint = entries.Where(static entry => entry.Kind == WalEntryKind.Directory).Take(MaxNeighbours)
            .Select(entry => Path.Combine(Directory, entry.Name))
            .FirstOrDefault(path =>
                WalFileSystem.Default.Stat(Path.Combine(path, SegmentName.Manifest)) is not null) is { } below
            ? $"{below} does"
            : "name the one that holds MANIFEST";
        throw VerbException.Refused($"{Directory} holds no log: neither a MANIFEST nor a segment", hint);
    }

    /// <summary>Opens the log to read it, beside a writer perhaps. Errors as <see cref="RequireLog"/>.</summary>
    /// <param name="archive">Where its archived segments are; null for nowhere.</param>
    /// <exception cref="WalFaultException">What is there is no log that can be read.</exception>
    public LogReader OpenReader(string? archive)
    {
        RequireLog();
        return LogReader.Open(Directory, new LogReaderOptions { Archive = ArchiveAt(archive) });
    }

    /// <summary>Opens the log to change it. Errors as <see cref="RequireLog"/>.</summary>
    /// <exception cref="WalLockedException">Somebody has it open.</exception>
    /// <exception cref="WalFaultException">It is damaged; nothing was changed.</exception>
    public SegmentedLog OpenLog(WalOptions options)
    {
        RequireLog();
        return SegmentedLog.Open(Directory, options, note: Console.Note);
    }

    /// <summary>The archive in a directory; null where none was named.</summary>
    public static DirectoryArchive? ArchiveAt(string? archive) =>
        archive is null ? null : new DirectoryArchive(WalFileSystem.Default, Absolute(archive));

    /// <summary>Who holds the log's lock, as the lock file tells; only of one that is held.</summary>
    public string HolderOfLock() => OperatorConsole.OneLine(
        LockHolder.Of(WalFileSystem.Default, Path.Combine(Directory, SegmentName.Lock)));

    private static bool IsOfLog(string name) => name == SegmentName.Manifest
        || SegmentName.TryParse(name, SegmentName.LogSuffix, out _)
        || SegmentName.TryParse(name, SegmentName.CompressedSuffix, out _);
}
