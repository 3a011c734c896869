using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Akka.Actor;
using Akka.Configuration;
using AkkaWal.Node.Json;
using AkkaWal.Node.Translation;
using AkkaWal.Node.Translation.Operations;

namespace AkkaWal.Node.Startup;

/// <summary>
/// Loads the code that every start needs, on a thread of its own beside the main thread. Nearly all of a start is spent
/// on loading code that then runs once. Nothing depends on this thread: what it has not loaded yet is loaded where it
/// is needed.
/// </summary>
internal static class HeadStart
{
    public static void Begin() => new Thread(Run) { IsBackground = true, Name = "akkawal-start" }.Start();

    // In the order in which the main thread, and then the bridge, needs the code.
    private static void Run()
    {
        try
        {
            LoadConfigurationValues();
            LoadWhatAnActorSystemNeeds();
            LoadTranslation();
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The code that needs it meets the same failure and reports it.
        }
    }

    // Akka.NET creates its regular expressions for durations at the first use.
    private static void LoadConfigurationValues() => ConfigurationFactory.ParseString("key = 1 s").GetTimeSpan("key");

    private static void LoadWhatAnActorSystemNeeds()
    {
        Regex.IsMatch("akkawal", "^[a-z]*$"); // the check of its name
        Type.GetType(typeof(ActorSystem).AssemblyQualifiedName!); // classes that the configuration names
        _ = Activity.Current; // the origin of its first log event
        ThreadPool.UnsafeQueueUserWorkItem(static _ => { }, null); // what its own actors run on
        ActorPath.IsValidPathElement("akkawal"); // the check of actors' names
        RandomNumberGenerator.Fill(stackalloc byte[sizeof(int)]); // the seed of actors' numbers
    }

    private static void LoadTranslation()
    {
        var line = new RequestLine();
        line.Parse(
            """{"src":"c","dest":"n","body":{"type":"init","msg_id":1,"node_id":"n","node_ids":["n"]}}"""u8.ToArray());
        var type = line[Field.Type];
        var fields = new FieldReader(line, new TranslationLimits());
        OperationTable.Find(line.Slice(type), type.IsEscaped)?.Parse(ref fields, requestId: 0, out _);
    }
}
