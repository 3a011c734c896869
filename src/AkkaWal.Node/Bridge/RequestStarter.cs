using AkkaWal.Node.Translation;
using AkkaWal.Protocol;

namespace AkkaWal.Node.Bridge;

/// <summary>Makes the message of a request and has it carried out, or says what is wrong with it.</summary>
internal sealed class RequestStarter(RequestCarrier carrier, NodeSettings settings)
{
    private readonly string _tooLong =
        $"the request's line is longer than {settings.MaxLineBytes} bytes (akka-wal.node.max-line-bytes)";

    /// <summary>Begins the first of the requests that wait.</summary>
    /// <param name="requests">Where it waits.</param>
    /// <param name="sequence">Its number.</param>
    /// <param name="slot">Its slot, which learns what its reply will need.</param>
    /// <returns>The reply where it is known at once; null where a log will give it.</returns>
    public LogReply? Begin(RequestQueue requests, long sequence, ref Slot slot)
    {
        var type = requests.Line.Slice(requests.Line[Field.Type]);
        if (requests.Operation is not { } operation)
        {
            return !type.IsEmpty
                ? new Refused(ErrorCode.NotSupported, $"the type is not supported: {JsonText.Excerpt(type)}", sequence)
                : carrier.RefuseUnnamed(sequence) ?? new Refused(ErrorCode.MalformedRequest, _tooLong, sequence);
        }

        var fields = new FieldReader(requests.Line, settings.Limits);
        LogRequest request;
        try
        {
            request = operation.Parse(ref fields, sequence, out slot.Receipt);
        }
        catch (OutOfMemoryException)
        {
            return new Refused(ErrorCode.Abort, "there is no memory for it: nothing of it happened", sequence);
        }

        slot.Problem = requests.IsHead ? _tooLong : fields.Problem;
        return carrier.CarryOut(request, slot.Problem);
    }
}
