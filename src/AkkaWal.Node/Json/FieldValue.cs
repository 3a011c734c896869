using System.Text.Json;

namespace AkkaWal.Node.Json;

/// <summary>
/// Where a member's value is in its line. It is copied and decoded only when an operation asks for it.
/// </summary>
/// <param name="Kind">The value's first token; <see cref="JsonTokenType.None"/> where the member is missing.</param>
/// <param name="Start">The byte of the line at which the value starts; for a string the byte behind the quote.</param>
/// <param name="LengthBytes">The value's length in bytes; for a string without the quotes.</param>
/// <param name="IsEscaped">Whether it is a string that contains a backslash.</param>
internal readonly record struct FieldValue(JsonTokenType Kind, int Start, int LengthBytes, bool IsEscaped);
