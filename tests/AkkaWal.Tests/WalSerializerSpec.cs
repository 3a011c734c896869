using System.Collections;
using Akka.Actor;
using Akka.Serialization;
using AkkaWal.Serialization;
using AkkaWal.Storage;

namespace AkkaWal.Tests;

public sealed class WalSerializerSpec : LogSpec
{
    private static readonly ReadOnlyMemory<byte>[] Payloads = [new byte[] { 1, 2, 3 }, Array.Empty<byte>(), new byte[300]];

    public static IEnumerable<object[]> MessageTypes() => typeof(LogRequest).Assembly.GetTypes()
        .Where(t => !t.IsAbstract && t.IsPublic && (t.IsAssignableTo(typeof(LogRequest)) || t.IsAssignableTo(typeof(LogReply))))
        .Select(t => new object[] { t });

    [Theory]
    [MemberData(nameof(MessageTypes))]
    public void Every_message_should_come_back_as_it_was(Type type)
    {
        var message = Sample(type);
        var serializer = Assert.IsType<WalSerializer>(Sys.Serialization.FindSerializerFor(message));
        var back = serializer.FromBinary(serializer.ToBinary(message), serializer.Manifest(message));
        Assert.Equal(Describe(message), Describe(back));
    }

    [Fact]
    public void Reason_for_being_read_only_should_travel()
    {
        var message = new LogInfo(1, 2, true, 3, 4, 5) { ReadOnlyReason = "a sync failed" };
        var serializer = new WalSerializer((ExtendedActorSystem)Sys);
        Assert.Equal(message, serializer.FromBinary(serializer.ToBinary(message), serializer.Manifest(message)));
    }

    [Theory]
    [MemberData(nameof(MessageTypes))]
    public void Cut_off_bytes_should_be_refused_and_not_misread(Type type)
    {
        var serializer = new WalSerializer((ExtendedActorSystem)Sys);
        var message = Sample(type);
        var bytes = serializer.ToBinary(message);
        for (var length = 0; length < bytes.Length; length++)
            Assert.Throws<FormatException>(() => serializer.FromBinary(bytes[..length], serializer.Manifest(message)));
    }

    // A value for every field, from the constructor's own types: a new message needs no new line here.
    private static object Sample(Type type)
    {
        var constructor = type.GetConstructors().MaxBy(c => c.GetParameters().Length)!;
        return constructor.Invoke([.. constructor.GetParameters().Select((p, i) => Value(p.ParameterType, i))]);
    }

    private static object? Value(Type type, int salt) => type switch
    {
        _ when type == typeof(long) => 1L << (40 + salt),
        _ when type == typeof(int) => 7 + salt,
        _ when type == typeof(bool) => true,
        _ when type == typeof(string) => $"täxt {salt}",
        _ when type == typeof(ReadOnlyMemory<byte>) => Payloads[0],
        _ when type == typeof(IReadOnlyList<ReadOnlyMemory<byte>>) => Payloads,
        _ when type == typeof(FailureKind) => FailureKind.Aborted,
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
        LogRequest or LogReply => value.GetType().Name + string.Join("; ", value.GetType().GetProperties().Select(p => $"{p.Name}={Describe(p.GetValue(value))}")),
        _ => value?.ToString() ?? "null",
    };
}
