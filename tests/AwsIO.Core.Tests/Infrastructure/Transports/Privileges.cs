using System.Runtime.InteropServices;

namespace AwsIO.Tests.Infrastructure.Transports;

/// <summary>What a process that is root may do, and is not to do in a test.</summary>
internal static class Privileges
{
    private const uint Version3 = 0x20080522;
    private const int BindLowPorts = 10;

    /// <summary>Runs on a thread of its own that may not bind ports below 1024: Linux keeps capabilities by thread.</summary>
    internal static Task<T> WithoutLowPorts<T>(Func<T> work)
    {
        TaskCompletionSource<T> done = Waits.NewSource<T>();
        Thread thread = new(() =>
        {
            try
            {
                Drop(BindLowPorts);
                done.SetResult(work());
            }
            catch (Exception exception)
            {
                done.SetException(exception);
            }
        });
        thread.Start();
        return done.Task.Within();
    }

    private static unsafe void Drop(int capability)
    {
        // Of either half: what is in force, what is permitted, what children get.
        uint* sets = stackalloc uint[6];
        uint* header = stackalloc uint[2] { Version3, 0 };
        Assert.Equal(0, capget(header, sets));
        sets[0] &= ~(1u << capability);
        Assert.Equal(0, capset(header, sets));
    }

    [DllImport("libc")]
    private static extern unsafe int capget(uint* header, uint* sets);

    [DllImport("libc")]
    private static extern unsafe int capset(uint* header, uint* sets);
}
