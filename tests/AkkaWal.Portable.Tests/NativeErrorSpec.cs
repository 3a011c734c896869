using AkkaWal.Storage;
using AkkaWal.Storage.Files.Native;

namespace AkkaWal.Portable.Tests;

/// <summary>Every error number of FORMAT.md's table for Windows and macOS, and what it is.</summary>
public sealed class NativeErrorSpec
{
    [Theory]
    [InlineData(0x80070001, WalIOCause.NotSupported)]
    [InlineData(0x80070002, WalIOCause.Other)]
    [InlineData(0x80070003, WalIOCause.Other)]
    [InlineData(0x80070004, WalIOCause.NoDescriptors)]
    [InlineData(0x80070005, WalIOCause.NotPermitted)]
    [InlineData(0x80070006, WalIOCause.Other)]
    [InlineData(0x80070008, WalIOCause.NoMemory)]
    [InlineData(0x8007000E, WalIOCause.NoMemory)]
    [InlineData(0x80070013, WalIOCause.ReadOnlyFileSystem)]
    [InlineData(0x80070017, WalIOCause.Other)]
    [InlineData(0x80070020, WalIOCause.Other)]
    [InlineData(0x80070021, WalIOCause.Other)]
    [InlineData(0x80070027, WalIOCause.NoRoom)]
    [InlineData(0x80070032, WalIOCause.NotSupported)]
    [InlineData(0x80070050, WalIOCause.Other)]
    [InlineData(0x80070057, WalIOCause.Other)]
    [InlineData(0x80070070, WalIOCause.NoRoom)]
    [InlineData(0x80070078, WalIOCause.NotSupported)]
    [InlineData(0x800700DF, WalIOCause.NoRoom)]
    [InlineData(0x8007045D, WalIOCause.Other)]
    [InlineData(0x8007050F, WalIOCause.NoRoom)]
    [InlineData(0x80070522, WalIOCause.NotPermitted)]
    [InlineData(0x800705AA, WalIOCause.NoMemory)]
    [InlineData(0x800705AB, WalIOCause.NoMemory)]
    [InlineData(0x800705AC, WalIOCause.NoMemory)]
    [InlineData(0x800705AD, WalIOCause.NoMemory)]
    [InlineData(0x800705AF, WalIOCause.NoMemory)]
    [InlineData(0x80070718, WalIOCause.NoMemory)]
    [InlineData(0x80131620, WalIOCause.Other)]
    [InlineData(0x00000070, WalIOCause.Other)]
    public void Result_of_windows_should_have_its_cause(uint result, WalIOCause cause) =>
        Assert.Equal(cause, NativeError.OfHResult(unchecked((int)result)));

    [Theory]
    [InlineData(1, WalIOCause.NotPermitted)]
    [InlineData(2, WalIOCause.Other)]
    [InlineData(5, WalIOCause.Other)]
    [InlineData(12, WalIOCause.NoMemory)]
    [InlineData(13, WalIOCause.NotPermitted)]
    [InlineData(22, WalIOCause.NotSupported)]
    [InlineData(23, WalIOCause.NoDescriptors)]
    [InlineData(24, WalIOCause.NoDescriptors)]
    [InlineData(27, WalIOCause.NoRoom)]
    [InlineData(28, WalIOCause.NoRoom)]
    [InlineData(30, WalIOCause.ReadOnlyFileSystem)]
    [InlineData(35, WalIOCause.Other)]
    [InlineData(45, WalIOCause.NotSupported)]
    [InlineData(55, WalIOCause.NoMemory)]
    [InlineData(62, WalIOCause.Other)]
    [InlineData(69, WalIOCause.NoRoom)]
    [InlineData(70, WalIOCause.Other)]
    [InlineData(77, WalIOCause.NotSupported)]
    [InlineData(78, WalIOCause.NotSupported)]
    [InlineData(102, WalIOCause.NotSupported)]
    public void Errno_of_macos_should_have_its_cause(int error, WalIOCause cause) =>
        Assert.Equal(cause, NativeError.OfMac(error));
}
