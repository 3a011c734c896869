namespace AkkaWal.Configuration.Hocon;

/// <summary>A key and its position in a text, in characters from 0.</summary>
internal readonly record struct HoconPlace(string Key, int Position);
