using AkkaWal.Node.Bridge.Setup;
using AkkaWal.Node.Json;
using AkkaWal.Node.Translation;
using AkkaWal.Protocol;

namespace AkkaWal.Node.Bridge.Requests;

/// <summary>Turns a request into a message and has it carried out, or refuses it.</summary>
internal sealed class RequestStarter(RequestCarrier carrier, NodeSettings settings)
{
    private readonly string _tooLong =
        $"the request's line is longer than {settings.MaxLineBytes} bytes (akka-wal.node.max-line-bytes)";

    /// <summary>Begins the first of the waiting requests.</summary>
    /// <param name="requests">The waiting requests.</param>
    /// <param name="sequence">The request's sequence number.</param>
    /// <param name="slot">The request's slot. Takes the receipt and what is wrong with the fields.</param>
    /// <returns>The reply where it is known at once; null where a log will send it.</returns>
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
