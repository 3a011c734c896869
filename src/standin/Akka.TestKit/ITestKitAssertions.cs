namespace Akka.TestKit;

public interface ITestKitAssertions
{
    void Fail(string format = "", params object[] args);

    void AssertTrue(bool condition, string format = "", params object[] args);

    void AssertFalse(bool condition, string format = "", params object[] args);

    void AssertEqual<T>(T expected, T actual, string format = "", params object[] args);
}

/// <summary>A test whose messages have no sender unless it names one.</summary>
public interface INoImplicitSender
{
}
