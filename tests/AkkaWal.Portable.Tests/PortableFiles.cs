using System.Runtime.CompilerServices;

namespace AkkaWal.Portable.Tests;

internal static class PortableFiles
{
    // Before any spec asks for the machine's file system, which is chosen once.
    [ModuleInitializer]
    internal static void Choose() => Environment.SetEnvironmentVariable("AKKAWAL_TEST_FILES", "portable");
}
