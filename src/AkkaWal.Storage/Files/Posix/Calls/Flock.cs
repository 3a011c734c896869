using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace AkkaWal.Storage.Files.Posix.Calls;

/// <summary>
/// Locks of open files and directories by flock, on Linux and macOS. A lock belongs to the open file, and so to every
/// copy of its descriptor.
/// </summary>
internal static class Flock
{
    // A process that asks whether a lock is held takes it shared for some microseconds; longer where it is not
    // scheduled. So a lock that is only shared is tried again for a while.
    private const int Looks = 5000, LookMilliseconds = 1;

    // EWOULDBLOCK differs between the two.
    private static readonly int WouldBlock = OperatingSystem.IsMacOS() ? 35 : Libc.WouldBlock;

    /// <summary>Locks a file for its handle alone, at once.</summary>
    /// <param name="handle">The open file or directory.</param>
    /// <param name="path">The path that it was opened by.</param>
    /// <param name="causeOf">Tells the cause of an errno.</param>
    /// <returns>Whether it is locked now; null where the platform does not support the lock.</returns>
    /// <exception cref="WalIOException">The platform failed.</exception>
    internal static bool? TryHold(SafeFileHandle handle, string path, Func<int, WalIOCause> causeOf) =>
        TryLock(handle, Libc.LockExclusive, path, causeOf);

    /// <summary>Locks a file as an owner does, who waits for those that only ask. As <see cref="TryHold"/>.</summary>
    internal static bool? Hold(SafeFileHandle handle, string path, Func<int, WalIOCause> causeOf)
    {
        for (var look = 1; ; look++)
        {
            if (TryHold(handle, path, causeOf) is not false and var held) return held;
            // Another process can share the lock only while it asks; an owner holds it exclusively.
            if (look == Looks || TryLock(handle, Libc.LockShared, path, causeOf) != true) return false;
            Release(handle);
            Thread.Sleep(LookMilliseconds);
        }
    }

    /// <summary>Whether another handle holds a file. Closes this one, which releases the lock that it shared.</summary>
    internal static bool IsHeld(SafeFileHandle handle, string path, Func<int, WalIOCause> causeOf)
    {
        using (handle) return TryLock(handle, Libc.LockShared, path, causeOf) == false;
    }

    /// <summary>
    /// Unlocks a file that is still open. Closing it is not enough: a process that is being started holds a copy of its
    /// descriptor for a moment.
    /// </summary>
    internal static void Release(SafeFileHandle? handle)
    {
        if (handle is { IsClosed: false }) _ = Libc.Lock(handle, Libc.Unlock);
    }

    private static bool? TryLock(SafeFileHandle handle, int kind, string path, Func<int, WalIOCause> causeOf)
    {
        while (Libc.Lock(handle, kind | Libc.LockNonBlocking) != 0)
        {
            var error = Marshal.GetLastPInvokeError();
            if (error == WouldBlock) return false;
            var cause = causeOf(error);
            if (error == Libc.BadDescriptor || cause == WalIOCause.NotSupported) return null;
            if (error != Libc.Interrupted)
                throw new WalIOException("lock", path, cause, Marshal.GetPInvokeErrorMessage(error));
        }
        return true;
    }
}
