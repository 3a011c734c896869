using System.Runtime.CompilerServices;
using AkkaWal.Storage.Files.Portable;

namespace AkkaWal.Portable.Tests;

internal static class PortableFiles
{
    // Before any spec asks for the machine's file system, which is chosen once.
    [ModuleInitializer]
    internal static void Choose()
    {
        Environment.SetEnvironmentVariable("AKKAWAL_TEST_FILES", "portable");
        // The first log of a process notes what the file system can't promise. Which spec comes first does not matter.
        PortableFileSystem.Instance.NoteOnce(static _ => { });
    }
}
