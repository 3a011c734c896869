namespace AkkaWal.Node.Output;

/// <summary>The standard streams of this process, without a buffer, and with every error.</summary>
internal static class StandardStream
{
    /// <summary>The <see cref="Exception.HResult"/> of a write to a pipe that has no reader any more.</summary>
    public const int BrokenPipe = 32;

    /// <summary>Standard input (0), output (1) or error (2).</summary>
    public static Stream Open(int number) =>
        OperatingSystem.IsWindows() ? new WindowsStream(number) : new DescriptorStream(number);
}
