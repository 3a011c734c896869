using AkkaWal.Storage;

namespace AkkaWal.Answers;

/// <summary>Describes why a log can't be opened for writing, for the replies to its requests.</summary>
internal static class FaultText
{
    internal static string Of(WalFaultException fault) => fault switch
    {
        WalNewerVersionException => $"the log is left as it is: {fault.Message}",
        WalAbsentException =>
            $"a file of the log is missing, and the log can only be read until that is mended: {fault.Message}",
        WalForeignException =>
            $"a file of the log is not its own, and the log can only be read until that is mended: {fault.Message}",
        _ => $"the log is damaged, and can only be read until it is repaired: {fault.Message}",
    };
}
