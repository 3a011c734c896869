using AkkaWal.Storage.Format;

namespace AkkaWal.Storage;

/// <summary>How large a batch may be.</summary>
public static class BatchLimits
{
    /// <summary>The size of a batch in a segment, in bytes: payloads and frame headers.</summary>
    public static long SizeOf(IReadOnlyList<ReadOnlyMemory<byte>> payloads)
    {
        ArgumentNullException.ThrowIfNull(payloads);
        long bytes = 0;
        for (var i = 0; i < payloads.Count; i++) bytes += Frame.SizeOf(payloads[i].Length);
        return bytes;
    }

    /// <summary>Why a log with these options refuses a batch, as text for operators; null where it takes it.</summary>
    public static string? Explain(IReadOnlyList<ReadOnlyMemory<byte>>? payloads, WalOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (payloads is null || payloads.Count == 0) return "a batch must have at least one record";
        for (var i = 0; i < payloads.Count; i++)
            if (payloads[i].Length > options.MaxPayloadBytes)
                return $"payload {i} has {payloads[i].Length} bytes: at most {options.MaxPayloadBytes} are allowed";
        var size = SizeOf(payloads);
        return size > options.MaxCommitBytes && payloads.Count > 1
            ? $"the batch takes {size} bytes with its frames: at most {options.MaxCommitBytes} are allowed"
            : null;
    }
}
