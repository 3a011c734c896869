using AkkaWal.Node.Kafka.Keys;

namespace AkkaWal.Node.Tests.Kafka;

public class OpenLogLimitSpec
{
    [Theory]
    [InlineData(120, 4)]
    [InlineData(1024, 63)]
    [InlineData(4096, 370)]
    [InlineData(20_000, 1024)]
    [InlineData(long.MaxValue, 1024)]
    public void Open_logs_should_be_as_many_as_descriptors_allow(long descriptors, int expected) =>
        Assert.Equal(expected, OpenLogLimit.Automatic(descriptors, maxOpenSegments: 128));
}
