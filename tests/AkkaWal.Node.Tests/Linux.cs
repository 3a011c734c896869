using System.Runtime.Versioning;

// The node's promises are made for Linux, and some tests ask for its file modes and signals.
[assembly: SupportedOSPlatform("linux")]
