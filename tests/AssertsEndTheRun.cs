using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace AkkaWal.Tests;

/// <summary>
/// Ends the process of the tests where a <see cref="Debug.Assert(bool)"/> fails. The test host's own listener throws an
/// exception instead. In an actor it would only cause a restart, and the test would pass.
/// </summary>
internal sealed class AssertsEndTheRun : TraceListener
{
    /// <summary>Called by the runtime, before any code of the test project runs.</summary>
#pragma warning disable CA2255 // The tests are the application here.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void Install()
    {
        Trace.Listeners.Clear();
        Trace.Listeners.Add(new AssertsEndTheRun());
    }

    public override void Fail(string? message, string? detailMessage)
    {
        var stack = new StackTrace(1, fNeedFileInfo: true);
        Environment.FailFast($"an assertion failed: {message} {detailMessage}\n{stack}");
    }

    public override void Write(string? message)
    {
    }

    public override void WriteLine(string? message)
    {
    }
}
