using System.Numerics;
using System.Runtime.CompilerServices;

namespace AkkaWal.Storage;

/// <summary>Refuses a value where it is set, and names the setting, the value and what is legal.</summary>
internal static class Setting
{
    /// <summary>A number, or a time, from one bound to another.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not.</exception>
    internal static T Within<T>(T value, T least, T most, [CallerMemberName] string name = "") where T : struct, IComparable<T> =>
        value.CompareTo(least) >= 0 && value.CompareTo(most) <= 0
            ? value
            : throw new ArgumentOutOfRangeException(name, value, $"{name} must be from {least} to {most}");

    /// <summary>A number that has no upper bound but that of its type.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is less.</exception>
    internal static T AtLeast<T>(T value, T least, [CallerMemberName] string name = "") where T : struct, INumber<T> =>
        value >= least ? value : throw new ArgumentOutOfRangeException(name, value, $"{name} must be at least {least}");

    /// <summary>A time longer than zero.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not, or it is longer than that.</exception>
    internal static TimeSpan Positive(TimeSpan value, TimeSpan most, [CallerMemberName] string name = "") =>
        value > TimeSpan.Zero && value <= most
            ? value
            : throw new ArgumentOutOfRangeException(name, value, $"{name} must be longer than zero" + (most < TimeSpan.MaxValue ? $" and {most} at most" : ""));

    /// <summary>One of the names of an enumeration.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is none of them.</exception>
    internal static T Known<T>(T value, [CallerMemberName] string name = "") where T : struct, Enum =>
        Enum.IsDefined(value)
            ? value
            : throw new ArgumentOutOfRangeException(name, value, $"{name} must be one of {string.Join(", ", Enum.GetNames<T>())}");

    /// <summary>Something.</summary>
    /// <exception cref="ArgumentNullException">It is null.</exception>
    internal static T Present<T>(T? value, [CallerMemberName] string name = "") where T : class =>
        value ?? throw new ArgumentNullException(name, $"{name} must not be null");

    /// <summary>An absolute path, or "".</summary>
    /// <exception cref="ArgumentException">It is neither.</exception>
    internal static string PathOrEmpty(string? value, [CallerMemberName] string name = "") =>
        Present(value, name).Length == 0 || (Path.IsPathFullyQualified(value!) && !value!.Contains('\0', StringComparison.Ordinal))
            ? value!
            : throw new ArgumentException($"{name} must be an absolute path, or \"\", not '{value}'", name);
}
