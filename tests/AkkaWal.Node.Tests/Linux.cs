using System.Runtime.Versioning;

// The node supports Linux, and some tests use its file modes and signals.
[assembly: SupportedOSPlatform("linux")]
