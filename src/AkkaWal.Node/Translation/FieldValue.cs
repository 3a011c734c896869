using System.Text.Json;

namespace AkkaWal.Node.Translation;

/// <summary>Where a member's value stands in its line; nothing is copied or decoded before an operation asks for it.</summary>
/// <param name="Kind">Its first token; <see cref="JsonTokenType.None"/> where the member is missing.</param>
/// <param name="Start">The byte of the line at which it starts; for a string the one behind the quote.</param>
/// <param name="LengthBytes">Its bytes; for a string without the quotes.</param>
/// <param name="IsEscaped">Whether it is a string with at least one backslash.</param>
internal readonly record struct FieldValue(JsonTokenType Kind, int Start, int LengthBytes, bool IsEscaped);
