using System.Numerics;
using System.Runtime.CompilerServices;
using System.Text;

namespace AkkaWal.Storage;

/// <summary>Checks a value where it is set. The error names the setting, the value and the legal values.</summary>
internal static class Setting
{
    /// <summary>Returns a value that lies within two bounds, both inclusive.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of bounds.</exception>
    internal static T Within<T>(T value, T least, T most, [CallerMemberName] string name = "")
        where T : struct, IComparable<T> =>
        value.CompareTo(least) >= 0 && value.CompareTo(most) <= 0
            ? value
            : throw new ArgumentOutOfRangeException(name, value, $"{name} must be from {least} to {most}");

    /// <summary>Returns a value that has a lower bound alone.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less.</exception>
    internal static T AtLeast<T>(T value, T least, [CallerMemberName] string name = "") where T : struct, INumber<T> =>
        value >= least ? value : throw new ArgumentOutOfRangeException(name, value, $"{name} must be at least {least}");

    /// <summary>Returns a time that is longer than zero.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The time is not longer than zero, or too long.</exception>
    internal static TimeSpan Positive(TimeSpan value, TimeSpan most, [CallerMemberName] string name = "")
    {
        if (value > TimeSpan.Zero && value <= most) return value;
        var limit = most < TimeSpan.MaxValue ? $" and {most} at most" : "";
        throw new ArgumentOutOfRangeException(name, value, $"{name} must be longer than zero{limit}");
    }

    /// <summary>Returns a value that its enumeration names.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The enumeration does not name it.</exception>
    internal static T Known<T>(T value, [CallerMemberName] string name = "") where T : struct, Enum
    {
        if (Enum.IsDefined(value)) return value;
        var names = string.Join(", ", Enum.GetNames<T>());
        throw new ArgumentOutOfRangeException(name, value, $"{name} must be one of {names}");
    }

    /// <summary>Returns a value that is not null.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    internal static T Present<T>(T? value, [CallerMemberName] string name = "") where T : class =>
        value ?? throw new ArgumentNullException(name, $"{name} must not be null");

    /// <summary>Returns a name for operators and machines, which may be "".</summary>
    /// <exception cref="ArgumentException">It is null, too long, not valid, or has a control character.</exception>
    internal static string Name(string? value, int mostBytes, [CallerMemberName] string name = "") =>
        IsName(Present(value, name), mostBytes)
            ? value!
            : throw new ArgumentException(
                $"{name} must be at most {mostBytes} bytes in UTF-8 without control characters, not '{value}'", name);

    /// <summary>Whether a text is such a name.</summary>
    internal static bool IsName(string value, int mostBytes) => !value.Any(char.IsControl)
        && Encoding.UTF8.GetByteCount(value) <= mostBytes
        // Half of a surrogate pair, too, is enumerated as this.
        && !value.EnumerateRunes().Any(rune => rune == Rune.ReplacementChar);

    /// <summary>Returns an absolute path, or "".</summary>
    /// <exception cref="ArgumentException">The value is neither.</exception>
    internal static string PathOrEmpty(string? value, [CallerMemberName] string name = "")
    {
        var path = Present(value, name);
        if (path.Length == 0) return path;
        return Path.IsPathFullyQualified(path) && !path.Contains('\0', StringComparison.Ordinal)
            ? path
            : throw new ArgumentException($"{name} must be an absolute path, or \"\", not '{value}'", name);
    }
}
