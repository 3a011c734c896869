using System.Text;
using Spectre.Console;

namespace AkkaWal.Node.CommandLine;

/// <summary>A progress bar on standard error, if that is a terminal.</summary>
internal static class ProgressBar
{
    private const int NarrowColumns = 40;

    /// <summary>Runs work with a progress bar, which is removed at the end.</summary>
    /// <param name="console">The console.</param>
    /// <param name="isShown">Whether a bar is wanted at all.</param>
    /// <param name="title">The bar's title.</param>
    /// <param name="work">
    /// The work. It reports how much is done, and of how much. Until its first report the bar moves without a length.
    /// </param>
    public static T Run<T>(OperatorConsole console, bool isShown, string title, Func<Action<double, double>, T> work)
    {
        if (!isShown || !console.ShowsProgress) return work(static (_, _) => { });
        using var error = new ErrorWriter(console);
        var ansi = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.Yes,
            Interactive = InteractionSupport.Yes,
            ColorSystem = ColorSystemSupport.Standard,
            Out = new AnsiConsoleOutput(error),
        });
        ansi.Profile.Width = Math.Min(console.Columns, 100);
        ProgressColumn[] columns =
            [new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn()];
        // In a narrow window the bar would be on several lines.
        var bar = ansi.Progress().AutoClear(true).Columns(console.Columns < NarrowColumns ? columns[..3] : columns);
        return bar.Start(context =>
        {
            var task = context.AddTask(Markup.Escape(title)).IsIndeterminate();
            return work((done, total) =>
            {
                task.IsIndeterminate = false;
                task.MaxValue = Math.Max(total, 1);
                task.Value = done;
            });
        });
    }

    /// <summary>
    /// Calls back on the reporting thread, and not on a thread of the pool as <see cref="Progress{T}"/> does.
    /// </summary>
    internal sealed class Callback<T>(Action<T> report) : IProgress<T>
    {
        public void Report(T value) => report(value);
    }

    /// <summary>
    /// Writes to standard error until it is disposed. So nothing is written behind the results, whatever the bar's
    /// own thread does.
    /// </summary>
    private sealed class ErrorWriter(OperatorConsole console) : TextWriter
    {
        private readonly Lock _gate = new();
        private bool _isDisposed;

        public override Encoding Encoding => Encoding.UTF8;

        public override void Write(char value) => Write(value.ToString());

        public override void Write(string? value)
        {
            lock (_gate)
                if (!_isDisposed) console.WriteError(value ?? "");
        }

        public override void Write(ReadOnlySpan<char> buffer) => Write(buffer.ToString());

        public override void Write(char[] buffer, int index, int count) => Write(buffer.AsSpan(index, count));

        protected override void Dispose(bool disposing)
        {
            lock (_gate) _isDisposed = true;
            base.Dispose(disposing);
        }
    }
}
