using AwsIO.Native.Unix;

namespace AwsIO.SelfCheck;

/// <summary>Descriptors to ask about, made by the very calls that AwsIO makes them by.</summary>
internal sealed unsafe class Sockets : IDisposable
{
    private readonly List<int> _open = [];

    /// <summary>A pipe.</summary>
    internal (int Reader, int Writer) Pipe()
    {
        int* ends = stackalloc int[2];
        Expect.Equal(0, Libc.Pipe(ends), "the result of pipe()");
        return (Keep(ends[0]), Keep(ends[1]));
    }

    /// <summary>A TCP socket over IPv4.</summary>
    internal int New() => Keep(Libc.Socket(SocketConstants.FamilyIPv4, SocketConstants.TypeStream));

    /// <summary>A listener on a free port of loopback, and its address.</summary>
    internal (int Listener, byte[] Address) Listen()
    {
        int listener = New();
        byte* address = stackalloc byte[SockAddr.MaxSize];
        int length = SockAddr.WriteIPv4(new Span<byte>(address, SockAddr.MaxSize), [127, 0, 0, 1], 0);
        Expect.Equal(0, Libc.Bind(listener, address, length), "the result of bind()");
        Expect.Equal(0, Libc.Listen(listener, 16), "the result of listen()");
        int size = SockAddr.MaxSize;
        Expect.Equal(0, Libc.GetLocalAddress(listener, address, ref size), "the result of getsockname()");
        return (listener, new ReadOnlySpan<byte>(address, size).ToArray());
    }

    /// <summary>Starts connecting.</summary>
    /// <returns>0, or a negative errno value by Linux's numbers.</returns>
    internal static int Connect(int socket, byte[] address)
    {
        fixed (byte* start = address)
        {
            return Libc.Connect(socket, start, address.Length);
        }
    }

    /// <summary>Two sockets that are connected by TCP, and the listener between them.</summary>
    internal (int Client, int Server) Pair()
    {
        (int listener, byte[] address) = Listen();
        int client = New();
        int result = Connect(client, address);
        Expect.True(result is 0 or -Errno.EINPROGRESS, $"connect() answered errno {-result} (by Linux's numbers)");
        byte* peer = stackalloc byte[SockAddr.MaxSize];
        int server = Until(
            () =>
            {
                int size = SockAddr.MaxSize;
                return Libc.Accept(listener, peer, ref size);
            },
            static accepted => accepted != -Errno.EAGAIN,
            "accept() found no connection");
        return (client, Keep(server));
    }

    internal static void Send(int descriptor, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            Expect.Equal(bytes.Length, Libc.Send(descriptor, start, (nuint)bytes.Length), "the result of send()");
        }
    }

    /// <summary>Sends one byte.</summary>
    /// <returns>1, or a negative errno value by Linux's numbers.</returns>
    internal static nint TrySend(int descriptor)
    {
        byte one = 1;
        return Libc.Send(descriptor, &one, 1);
    }

    /// <summary>Receives once.</summary>
    /// <returns>The count, or a negative errno value by Linux's numbers.</returns>
    internal static nint Receive(int descriptor, Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            return Libc.Receive(descriptor, start, (nuint)buffer.Length);
        }
    }

    internal static void Write(int descriptor, byte value = 1) =>
        Expect.Equal(1, Libc.Write(descriptor, &value, 1), "the result of write()");

    internal static nint Read(int descriptor)
    {
        byte value;
        return Libc.Read(descriptor, &value, 1);
    }

    /// <summary>Closes with a reset.</summary>
    internal void Reset(int descriptor)
    {
        Expect.Equal(
            0, Libc.SetOption(descriptor, SocketConstants.LevelSocket, SocketConstants.Linger, 1, 0), "the result of setting SO_LINGER");
        Close(descriptor);
    }

    internal void Close(int descriptor)
    {
        if (_open.Remove(descriptor))
        {
            _ = Libc.Close(descriptor);
        }
    }

    /// <summary>Asks again and again, for five seconds at most.</summary>
    internal static T Until<T>(Func<T> ask, Func<T, bool> isAnswer, string otherwise)
    {
        long end = IoClock.Now + 5_000_000_000;
        while (true)
        {
            T answer = ask();
            if (isAnswer(answer))
            {
                return answer;
            }

            Expect.True(IoClock.Now < end, $"{otherwise} within 5 s");
            Thread.Yield();
        }
    }

    public void Dispose()
    {
        foreach (int descriptor in _open)
        {
            _ = Libc.Close(descriptor);
        }

        _open.Clear();
    }

    private int Keep(int descriptor)
    {
        Expect.True(descriptor >= 0, $"a descriptor was refused with errno {-descriptor} (by Linux's numbers)");
        _open.Add(descriptor);
        return descriptor;
    }
}
