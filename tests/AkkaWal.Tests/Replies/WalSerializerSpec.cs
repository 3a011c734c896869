using System.Collections;
using System.Reflection;
using Akka.Actor;
using AkkaWal.Answers;
using AkkaWal.Protocol;
using AkkaWal.Protocol.Internal;
using AkkaWal.Serialization;
using AkkaWal.Storage;

namespace AkkaWal.Tests.Replies;

/// <summary>A message between nodes is unchanged by serialization; all others are marked as local.</summary>
public sealed class WalSerializerSpec : LogSpec
{
    private static readonly ReadOnlyMemory<byte>[] Payloads =
        [new byte[] { 1, 2, 3 }, Array.Empty<byte>(), new byte[300]];

    /// <summary>Every request and reply, and every record type in the protocol's files or in an actor.</summary>
    private static IEnumerable<Type> Messages() =>
        typeof(LogRequest).Assembly.GetTypes().Where(type => !type.IsAbstract && (
            type.IsAssignableTo(typeof(LogRequest))
            || type.IsAssignableTo(typeof(LogReply))
            || type.IsAssignableTo(typeof(SubscriptionMessage))
            || type.IsAssignableTo(typeof(InternalMessage))
            || (IsRecord(type) && (type.Namespace == typeof(InternalMessage).Namespace
                || type.DeclaringType?.IsAssignableTo(typeof(ActorBase)) == true))));

    private static bool IsRecord(Type type) => type.GetMethod("<Clone>$") is not null;

    private static IEnumerable<Type> TravellingTypes() =>
        Messages().Where(type => !type.IsAssignableTo(typeof(INoSerializationVerificationNeeded)));

    public static TheoryData<Type> Travelling() => [.. TravellingTypes()];

    public static TheoryData<Type> Requests() =>
        [.. TravellingTypes().Where(type => type.IsVisible && type.IsAssignableTo(typeof(LogRequest)))];

    [Fact]
    public void Every_message_should_have_a_serializer_or_be_marked_as_internal()
    {
        var (travelling, staying) = (TravellingTypes().ToList(), Messages().Except(TravellingTypes()).ToList());
        Assert.True(travelling.Count > 30 && staying.Count > 20, $"{travelling.Count} and {staying.Count} were found");
        Assert.All(
            staying, type => Assert.True(type.IsAssignableTo(typeof(InternalMessage)), $"{type} has another marker"));
        Assert.All(staying, type => Assert.False(type.IsVisible, $"{type} is public and can't travel"));
        Assert.All(travelling, type => Assert.IsType<WalSerializer>(Sys.Serialization.FindSerializerForType(type)));
    }

    [Theory]
    [MemberData(nameof(Travelling))]
    public void Every_message_should_come_back_as_it_was(Type type)
    {
        var message = Sample(type);
        AssertNothingIsDefault(message);
        var serializer = Assert.IsType<WalSerializer>(Sys.Serialization.FindSerializerFor(message));
        var bytes = serializer.ToBinary(message);
        var back = serializer.FromBinary(bytes, serializer.Manifest(message));
        Assert.Equal(Describe(message), Describe(back));
        Assert.Equal(bytes, serializer.ToBinary(back));
    }

    [Fact]
    public void Message_that_does_not_use_a_later_field_should_be_what_older_versions_know()
    {
        var serializer = new WalSerializer((ExtendedActorSystem)Sys);
        LogRequest[] appends = [new Append(Payloads[0], 5), new AppendBatch(Payloads, 5)];
        Assert.Equal(["a", "b"], appends.Select(serializer.Manifest));
        Assert.Equal("F", serializer.Manifest(new RequestFailed(FailureKind.Precondition, "why", 5)));
        Assert.Equal("I2", serializer.Manifest(new LogInfo(1, 2, true, 3, 4, 5)));
        Assert.Equal("050000000000000003000000010203", Convert.ToHexString(serializer.ToBinary(appends[0])));
        Assert.All(appends, append => Assert.Equal(Describe(append), Describe(Back(append))));

        object Back(object message) =>
            serializer.FromBinary(serializer.ToBinary(message), serializer.Manifest(message));
    }

    [Theory]
    [MemberData(nameof(Requests))]
    public void Request_with_nothing_in_it_should_travel_all_the_same_and_be_refused_where_it_arrives(Type type)
    {
        var message = Create(
            type, static (parameter, _) => parameter.IsValueType ? Activator.CreateInstance(parameter) : null);
        var serializer = new WalSerializer((ExtendedActorSystem)Sys);
        Assert.Equal(
            Describe(message),
            Describe(serializer.FromBinary(serializer.ToBinary(message), serializer.Manifest(message))));
    }

    [Theory]
    [MemberData(nameof(Travelling))]
    public void Cut_off_bytes_should_be_refused_and_not_misread(Type type)
    {
        var serializer = new WalSerializer((ExtendedActorSystem)Sys);
        var message = Sample(type);
        var bytes = serializer.ToBinary(message);
        for (var length = 0; length < bytes.Length; length++)
            Assert.Throws<FormatException>(() => serializer.FromBinary(bytes[..length], serializer.Manifest(message)));
    }

    // A property that the serializer does not carry comes back with its default, which the sample must not have.
    private static void AssertNothingIsDefault(object message)
    {
        var type = message.GetType();
        var byDefault = Create(
            type, static (parameter, _) => parameter.IsValueType ? Activator.CreateInstance(parameter) : null);
        foreach (var property in Properties(type).Where(property => property.CanWrite))
        {
            Assert.True(IsSet(property.GetValue(message)), $"{property.Name} is not set in the sample");
            var (sample, other) = (Describe(property.GetValue(message)), Describe(property.GetValue(byDefault)));
            Assert.True(sample != other, $"{property.Name} has its default in the sample: {sample}");
        }
    }

    private static PropertyInfo[] Properties(Type type) =>
        type.GetProperties(BindingFlags.Instance | BindingFlags.Public);

    private static bool IsSet(object? value) => value switch
    {
        null or "" or 0 or 0L or false => false,
        TimeSpan time => time != TimeSpan.Zero,
        Enum name => Convert.ToInt32(name, null) != 0,
        ReadOnlyMemory<byte> bytes => bytes.Length > 0,
        ICollection list => list.Count > 0,
        _ => true,
    };

    // Values for all fields are made from their types, so a new message needs no new line here.
    private static object Sample(Type type)
    {
        var message = Create(type, Value);
        foreach (var (property, salt) in Properties(type).Where(property => property.CanWrite)
            .Select((property, index) => (property, index + 20)))
            property.SetValue(message, Value(property.PropertyType, salt));
        return message;
    }

    private static object Create(Type type, Func<Type, int, object?> value)
    {
        const BindingFlags All = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;
        // A record type also has a copy constructor.
        var constructor = type.GetConstructors(All)
            .Where(c => c.GetParameters() is not [var single] || single.ParameterType != type)
            .MaxBy(c => c.GetParameters().Length)!;
        return constructor.Invoke(
            [.. constructor.GetParameters().Select((parameter, index) => value(parameter.ParameterType, index))]);
    }

    private static object? Value(Type type, int salt) => type switch
    {
        _ when Nullable.GetUnderlyingType(type) is { } bare => Value(bare, salt),
        _ when type == typeof(long) => 1L << (40 + salt),
        _ when type == typeof(int) => 7 + salt,
        _ when type == typeof(bool) => true,
        _ when type == typeof(TimeSpan) => TimeSpan.FromTicks(12_345_678 + salt),
        _ when type == typeof(string) => $"täxt {salt}",
        _ when type.IsEnum => type.GetEnumValues().GetValue(type.GetEnumValues().Length - 1),
        _ when type == typeof(ReadOnlyMemory<byte>) => Payloads[0],
        _ when type == typeof(IReadOnlyList<ReadOnlyMemory<byte>>) => Payloads,
        _ when type == typeof(IReadOnlyList<SegmentInfo>) => new[]
        {
            new SegmentInfo("00000000.log", 0, 9, 160, SegmentState.Sealed | SegmentState.Compressed, 80),
            new SegmentInfo("00000010.log", 10, 9, 0, SegmentState.Active),
        },
        _ => throw new NotSupportedException($"no sample for {type}"),
    };

    private static string Describe(object? value) => value switch
    {
        ReadOnlyMemory<byte> bytes => Convert.ToHexString(bytes.Span),
        string text => text,
        IEnumerable list => "[" + string.Join(", ", list.Cast<object>().Select(Describe)) + "]",
        LogRequest or LogReply or SubscriptionMessage => value.GetType().Name + string.Join(
            "; ", Properties(value.GetType()).Select(p => $"{p.Name}={Describe(p.GetValue(value))}")),
        _ => value?.ToString() ?? "null",
    };
}
