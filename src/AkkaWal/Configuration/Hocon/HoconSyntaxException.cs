namespace AkkaWal.Configuration.Hocon;

/// <summary>A text is not HOCON that Akka.NET reads as it is meant.</summary>
/// <param name="position">The position of the error, in characters from 0.</param>
/// <param name="reason">The error.</param>
internal sealed class HoconSyntaxException(int position, string reason) : Exception(reason)
{
    public int Position => position;
}
