using AkkaWal.Storage.Files.Posix.Calls;

namespace AkkaWal.Storage.Tests.IO;

/// <summary>Every errno of FORMAT.md's table, and its cause.</summary>
public sealed class PosixErrorSpec
{
    [Theory]
    [InlineData(1, WalIOCause.NotPermitted)]
    [InlineData(2, WalIOCause.Other)]
    [InlineData(5, WalIOCause.Other)]
    [InlineData(9, WalIOCause.Other)]
    [InlineData(12, WalIOCause.NoMemory)]
    [InlineData(13, WalIOCause.NotPermitted)]
    [InlineData(16, WalIOCause.Other)]
    [InlineData(17, WalIOCause.Other)]
    [InlineData(20, WalIOCause.Other)]
    [InlineData(22, WalIOCause.NotSupported)]
    [InlineData(23, WalIOCause.NoDescriptors)]
    [InlineData(24, WalIOCause.NoDescriptors)]
    [InlineData(27, WalIOCause.NoRoom)]
    [InlineData(28, WalIOCause.NoRoom)]
    [InlineData(30, WalIOCause.ReadOnlyFileSystem)]
    [InlineData(37, WalIOCause.NotSupported)]
    [InlineData(38, WalIOCause.NotSupported)]
    [InlineData(40, WalIOCause.Other)]
    [InlineData(95, WalIOCause.NotSupported)]
    [InlineData(105, WalIOCause.NoMemory)]
    [InlineData(116, WalIOCause.Other)]
    [InlineData(117, WalIOCause.Other)]
    [InlineData(122, WalIOCause.NoRoom)]
    public void Errno_should_have_its_cause(int error, WalIOCause cause) =>
        Assert.Equal(cause, PosixError.CauseOf(error));

    [Theory]
    [InlineData(WalIOCause.NoRoom, true)]
    [InlineData(WalIOCause.NoDescriptors, true)]
    [InlineData(WalIOCause.NoMemory, true)]
    [InlineData(WalIOCause.NotPermitted, false)]
    [InlineData(WalIOCause.Other, false)]
    public void Failed_sync_should_never_pass_and_what_was_lacking_should(WalIOCause cause, bool isPassing)
    {
        Assert.Equal(isPassing, new WalIOException("open", "/log", cause, "why").IsPassing);
        Assert.False(new WalIOException("sync", "/log", cause, "why").IsPassing);
        Assert.False(new WalIOException("sync directory", "/log", cause, "why").IsPassing);
    }
}
