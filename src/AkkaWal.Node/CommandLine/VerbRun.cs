using System.CommandLine;
using System.Text.Json.Nodes;
using AkkaWal.Storage;
using AkkaWal.Storage.Files;
using AkkaWal.Storage.Format;

namespace AkkaWal.Node.CommandLine;

/// <summary>One run of a verb: its arguments, the console, and its progress.</summary>
/// <param name="console">The standard streams.</param>
/// <param name="arguments">The parsed arguments.</param>
/// <param name="isJson">Whether results are JSON.</param>
/// <param name="directory">The directory in the arguments.</param>
internal sealed class VerbRun(OperatorConsole console, ParseResult arguments, bool isJson, string directory)
{
    private const int MaxNeighbours = 64;

    /// <summary>The standard streams.</summary>
    public OperatorConsole Console { get; } = console;

    /// <summary>The parsed arguments.</summary>
    public ParseResult Arguments { get; } = arguments;

    /// <summary>Whether results are JSON.</summary>
    public bool IsJson { get; } = isJson;

    /// <summary>The log's directory. Absolute after <see cref="ResolveDirectory"/>.</summary>
    public string Directory { get; private set; } = directory;

    /// <summary>The text after an interruption: what was done, and what was not.</summary>
    public Func<string> WhatWasDone { get; set; } = static () => "nothing was changed";

    /// <summary>Whether something may have been changed.</summary>
    public bool HasBegun { get; set; }

    /// <summary>The exit status if the verb fails now.</summary>
    public int FailureStatus => HasBegun ? ExitStatus.Fault : ExitStatus.Refused;

    /// <summary>Makes <see cref="Directory"/> absolute. This is the first step that can fail.</summary>
    public void ResolveDirectory() => Directory = Absolute(Directory);

    /// <summary>Whether an absolute path is the directory or lies in it.</summary>
    public bool Holds(string path) => $"{path}{Path.DirectorySeparatorChar}".StartsWith(
        $"{Directory}{Path.DirectorySeparatorChar}", StringComparison.Ordinal);

    /// <summary>An absolute path.</summary>
    public static string Absolute(string path) => path.Length == 0
        ? throw VerbException.Refused("a path is empty", "name a directory or a file")
        : Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));

    /// <summary>An option's value; null if it is missing.</summary>
    public T? Get<T>(Option<T> option) => Arguments.GetValue(option);

    /// <summary>The default options, with the archive that an option names.</summary>
    /// <exception cref="VerbException">The path is empty.</exception>
    public WalOptions OptionsWith(Option<string> archive) => new() { Archive = ArchiveAt(Get(archive)) };

    /// <summary>What to do about a fault of the log.</summary>
    public string FaultHint => $"verify {Directory} tells all that is wrong";

    /// <summary>Prints text, unless results are JSON.</summary>
    public void Text(string text)
    {
        if (!IsJson) Console.Write(text);
    }

    /// <summary>Prints one document, if results are JSON.</summary>
    public void Document(JsonObject document)
    {
        if (IsJson) Console.Write(Report.Document(document));
    }

    /// <summary>Runs work with a progress bar.</summary>
    public T Under<T>(string title, Func<Action<double, double>, T> work) =>
        ProgressBar.Run(Console, !IsJson, title, work);

    /// <summary>Asks a question on standard error.</summary>
    /// <returns>Whether the answer is yes.</returns>
    /// <exception cref="OperationCanceledException">A signal came first.</exception>
    public bool Ask(string question)
    {
        const int LongestAnswer = 64;
        Console.Flush();
        Console.WriteError($"{question} [y/N] ");
        var answer = new byte[LongestAnswer];
        var length = Console.ReadInput(answer, 0);
        var said = System.Text.Encoding.UTF8.GetString(answer, 0, length).Trim();
        return said.Equals("y", StringComparison.OrdinalIgnoreCase)
            || said.Equals("yes", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>
    /// Requires a directory with files of a log. Without this check an opening would create a new log.
    /// </summary>
    /// <exception cref="VerbException">There is no such directory, or it has no file of a log.</exception>
    /// <exception cref="WalIOException">The platform failed.</exception>
    /// <param name="missing">What to do where there is no such directory.</param>
    public void RequireLog(string missing = "name the one that holds MANIFEST")
    {
        if (WalFileSystem.Default.Stat(Directory) is null)
            throw VerbException.Refused($"there is no directory {Directory}", missing);
        if (WalFileSystem.Default.Stat(Directory) is { Kind: WalEntryKind.File })
            throw VerbException.Refused($"{Directory} is a file", "name the directory that holds MANIFEST");
        using var opened = WalFileSystem.Default.OpenDirectory(Directory);
        var entries = opened.List(Directory);
        if (entries.Any(static entry => IsOfLog(entry.Name))) return;
        var hint = entries.Where(static entry => entry.Kind == WalEntryKind.Directory).Take(MaxNeighbours)
            .Select(entry => Path.Combine(Directory, entry.Name))
            .FirstOrDefault(path =>
                WalFileSystem.Default.Stat(Path.Combine(path, SegmentName.Manifest)) is not null) is { } below
            ? $"{below} does"
            : "name the one that holds MANIFEST";
        throw VerbException.Refused($"{Directory} holds no log: neither a MANIFEST nor a segment", hint);
    }

    /// <summary>Opens the log for reading, while it has a writer or not. Errors as <see cref="RequireLog"/>.</summary>
    /// <param name="archive">The directory of its archive; null for none.</param>
    /// <exception cref="WalFaultException">The directory has no log that can be read.</exception>
    public LogReader OpenReader(string? archive)
    {
        RequireLog();
        return LogReader.Open(Directory, new LogReaderOptions { Archive = ArchiveAt(archive) });
    }

    /// <summary>Opens the log for writing. Errors as <see cref="RequireLog"/>.</summary>
    /// <exception cref="WalLockedException">Another process has it open.</exception>
    /// <exception cref="WalFaultException">The log is damaged. Nothing was changed.</exception>
    public SegmentedLog OpenLog(WalOptions options, string missing = "name the one that holds MANIFEST")
    {
        RequireLog(missing);
        return SegmentedLog.Open(Directory, options, note: Console.Note);
    }

    /// <summary>
    /// Checks arguments against a log before it is opened for writing, since the opening takes it over from its owner.
    /// A log that can't be read is left to the opening, which says why.
    /// </summary>
    /// <exception cref="VerbException">The check refuses the arguments, or as <see cref="RequireLog"/>.</exception>
    public void CheckBeforeWriting(Action<LogReader> check)
    {
        RequireLog();
        try
        {
            using var reader = LogReader.Open(Directory);
            check(reader);
        }
        catch (WalFaultException)
        {
        }
    }

    /// <summary>The archive in a directory; null for none.</summary>
    public static DirectoryArchive? ArchiveAt(string? archive) =>
        archive is null ? null : new DirectoryArchive(WalFileSystem.Default, Absolute(archive));

    /// <summary>The process that holds the log's lock, by the lock file. Only for a lock that is held.</summary>
    public string HolderOfLock() => OperatorConsole.OneLine(
        LockHolder.Of(WalFileSystem.Default, Path.Combine(Directory, SegmentName.Lock)));

    private static bool IsOfLog(string name) => name == SegmentName.Manifest
        || SegmentName.TryParse(name, SegmentName.LogSuffix, out _)
        || SegmentName.TryParse(name, SegmentName.CompressedSuffix, out _);
}
