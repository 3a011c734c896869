namespace AkkaWal.Configuration.Hocon;

/// <summary>A text is not the HOCON that Akka.NET reads as it is meant.</summary>
/// <param name="position">The character at which that is seen, from 0.</param>
/// <param name="reason">What is wrong there.</param>
internal sealed class HoconSyntaxException(int position, string reason) : Exception(reason)
{
    public int Position => position;
}
