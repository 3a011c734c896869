namespace AkkaWal.Configuration.Hocon;

/// <summary>A key, and the character of a text at which it stands, from 0.</summary>
internal readonly record struct HoconPlace(string Key, int Position);
