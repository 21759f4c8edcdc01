using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.Shared.Counting;

/// <summary>Has the runtime open what it keeps open for good, before anything is counted.</summary>
internal static class WarmRuntime
{
    private static readonly Lazy<Task> s_done = new(WarmUp);

    /// <summary>Once it is over, the runtime has made what it keeps.</summary>
    internal static Task Done => s_done.Value;

    private static async Task WarmUp()
    {
        // Each has a descriptor of its own from the first use on.
        Console.Out.Flush();
        Console.Error.Flush();
        CatchException();
        await StartProgram();
        await UseSocket();
    }

    /// <summary>To unwind the stack for the first time, .NET 8 opens a pipe by which it asks whether memory can be read.</summary>
    private static void CatchException()
    {
        try
        {
            throw new InvalidOperationException("This is caught.");
        }
        catch (InvalidOperationException)
        {
            // That was all.
        }
    }

    /// <summary>A process that has been started and listened to.</summary>
    private static async Task StartProgram()
    {
        using Process child = Process.Start(
            new ProcessStartInfo("/bin/sh", ["-c", "echo"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        using StreamReader output = child.StandardOutput;
        using StreamReader errors = child.StandardError;
        Task<string> errorText = errors.ReadToEndAsync();
        Assert.Equal("\n", await output.ReadToEndAsync().Within());
        Assert.Equal("", await errorText.Within());
        await child.WaitForExitAsync().Within();
    }

    /// <summary>The base library's own sockets keep a poller from the first wait on.</summary>
    private static async Task UseSocket()
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        Task<int> receiving = socket.ReceiveAsync(new byte[1]);
        Assert.Equal(1, socket.SendTo([1], socket.LocalEndPoint!));
        Assert.Equal(1, await receiving.Within());
    }
}
