using System.Runtime.InteropServices;
using System.Text;
using AwsIO.Tests.Infrastructure.Transports;
using Microsoft.Win32.SafeHandles;
using Socket = System.Net.Sockets.Socket;

namespace AwsIO.Tests.Sockets;

/// <summary>What sockets have to do with the process that they are in: children, signals, limits.</summary>
public sealed class SocketProcessTests(LoopFixture fixture) : TransportTest(fixture)
{
    private const int SigPipe = 13;

    [Theory]
    [ClassData(typeof(EveryTransport))]
    public async Task A_child_process_inherits_no_descriptor(Transport transport)
    {
        using TestListener listener = TestListener.Listen(transport, Loop);
        IoSocket client = await SocketPair.Connect(listener.Endpoint, Loop);
        IoSocket server = await listener.Accept();
        IoSocket fresh = transport.NewSocket();
        int[] descriptors = [listener.Socket.Descriptor, client.Descriptor, server.Descriptor, fresh.Descriptor];

        string inherited = await ChildProcess.Run("/bin/sh", "-c", "ls -l /proc/self/fd");

        Assert.Contains("/proc/", inherited, StringComparison.Ordinal);
        Assert.DoesNotContain("eventpoll", inherited, StringComparison.Ordinal);
        Assert.DoesNotContain("eventfd", inherited, StringComparison.Ordinal);
        foreach (int descriptor in descriptors)
        {
            string target = ProcessResources.TargetOf(descriptor)!;
            Assert.StartsWith("socket:", target, StringComparison.Ordinal);
            Assert.DoesNotContain(target, inherited, StringComparison.Ordinal);

            const int closeOnExec = 0x80000;
            string flags = File.ReadLines($"/proc/self/fdinfo/{descriptor}").First(line => line.StartsWith("flags:", StringComparison.Ordinal));
            Assert.Equal(closeOnExec, Convert.ToInt32(flags[6..].Trim(), 8) & closeOnExec);
        }

        fresh.Dispose();
        server.Dispose();
        await SocketPair.CloseOn(client);
    }

    // Its write is to fail at once: under a fault plan it waits.
    [Fact]
    [Trait("Category", "ExactCalls")]
    public Task Writing_to_a_closed_peer_kills_no_process_that_has_left_SIGPIPE_at_its_default() =>
        ChildProcess.RunTest(typeof(SocketProcessTests), nameof(Child_with_SIGPIPE_at_its_default), 1024);

    // An EAGAIN says that the failure has passed, and its next time is reported again.
    [Fact]
    [Trait("Category", "ExactCalls")]
    public Task A_listener_out_of_descriptors_reports_once_does_not_spin_and_recovers() =>
        ChildProcess.RunTest(typeof(SocketProcessTests), nameof(Child_out_of_descriptors), 256);

    [Fact(Explicit = true)]
    public async Task Child_with_SIGPIPE_at_its_default()
    {
        signal(SigPipe, 0);
        string ignored = File.ReadLines("/proc/self/status").First(line => line.StartsWith("SigIgn:", StringComparison.Ordinal));
        Assert.Equal(0L, Convert.ToInt64(ignored[7..].Trim(), 16) & (1L << (SigPipe - 1)));
        foreach (Transport transport in Enum.GetValues<Transport>())
        {
            (IoSocket ours, Socket peer) = await SocketPair.OpenWithPeer(transport, Loop);
            TaskCompletionSource<IoError> failed = Waits.NewSource<IoError>();

            // Several queued writes go out by one call, which is not the call of a single one.
            await Loop.On(() =>
            {
                for (int i = 0; i < 4; i++)
                {
                    bool last = i == 3;
                    ours.Write(
                        new byte[8 * 1024 * 1024],
                        (_, error, _, _) =>
                        {
                            if (last)
                            {
                                failed.SetResult(error);
                            }
                        },
                        null);
                }
            });
            peer.Dispose();
            Assert.Equal(IoErrorCode.SocketClosed, (await failed.Task.Within()).Code);
            await Loop.On(() =>
            {
                Assert.Equal(IoErrorCode.SocketClosed, ours.TryWrite(new byte[10], out _).Code);
                ours.Dispose();
            });
        }
    }

    // Blocks and never awaits: the runtime cannot start a thread, of its pool say, while there are no descriptors.
    [Fact(Explicit = true)]
    public void Child_out_of_descriptors()
    {
        object gate = new();
        List<IoError> reports = [];
        List<IoSocket> accepted = [];
        using TestListener listener = TestListener.Bind(Transport.Tcp4);
        Assert.Equal(IoError.None, listener.Socket.StartAccept(
            Loop,
            (_, error, socket, _) => Change(() =>
            {
                if (socket is null)
                {
                    reports.Add(error);
                }
                else
                {
                    accepted.Add(socket);
                }
            }),
            null));
        SafeFileHandle statistics = null!;
        Loop.Schedule(IoTask.Create((_, _) => Change(() => statistics = File.OpenHandle("/proc/thread-self/schedstat")), 0));
        Wait(() => statistics is not null);
        Assert.True(CpuTime(statistics) > 0);
        Queue<IoSocket> clients = new();
        for (int i = 0; i < 12; i++)
        {
            clients.Enqueue(Transport.Tcp4.NewSocket());
        }

        // Once without the lack, so that everything is loaded.
        Exhaust().ForEach(handle => handle.Dispose());
        Connect(1);
        Wait(() => accepted.Count == 1);
        Pause(1);

        List<SafeFileHandle> handles = Exhaust();
        Connect(8);
        Wait(() => reports.Count > 0);
        long before = CpuTime(statistics);
        Pause(400);
        long used = CpuTime(statistics) - before;
        (int Accepted, int Reports) whileOut = (accepted.Count, reports.Count);
        handles.ForEach(handle => handle.Dispose());
        Wait(() => accepted.Count == 9);
        Assert.Equal((1, 1), whileOut);
        Assert.True(used < 200_000_000, $"The loop worked for {used} ns in 400 ms of lack.");
        Assert.Equal(IoErrorCode.MaxFileDescriptorsExceeded, reports[0].Code);
        Assert.Equal(1, Fixture.Logs.Count(24));

        // The last descriptor goes to a connection, and nobody waits when there are descriptors again: the lack is over.
        handles = Exhaust();
        handles[^1].Dispose();
        Connect(1);
        Wait(() => accepted.Count == 10 && reports.Count == 2);
        handles.ForEach(handle => handle.Dispose());
        Pause(50);

        // So that the next one is a new one, and told again.
        handles = Exhaust();
        Connect(1);
        Wait(() => reports.Count == 3);
        handles.ForEach(handle => handle.Dispose());
        Wait(() => accepted.Count == 11);
        Connect(1);
        Wait(() => accepted.Count == 12);
        Assert.Equal(3, reports.Count);

        accepted.ForEach(socket => socket.Dispose());
        foreach (IoSocket client in clients)
        {
            client.Dispose();
        }

        statistics.Dispose();

        void Change(Action change)
        {
            lock (gate)
            {
                change();
                Monitor.PulseAll(gate);
            }
        }

        void Wait(Func<bool> holds)
        {
            lock (gate)
            {
                while (!holds())
                {
                    Assert.True(Monitor.Wait(gate, TimeSpan.FromSeconds(30)));
                }
            }
        }

        void Connect(int count)
        {
            int connected = 0;
            for (int i = 0; i < count; i++)
            {
                _ = clients.Dequeue().Connect(
                    listener.Endpoint,
                    Loop,
                    (socket, _, _) => Change(() =>
                    {
                        connected++;

                        // It frees a descriptor when the test says so, not before.
                        clients.Enqueue(socket);
                    }),
                    null);
            }

            Wait(() => connected == count);
        }

        void Pause(int milliseconds)
        {
            // A timer of the loop that is to be quiet: one with a later deadline than the listener's runs behind it.
            bool over = false;
            Loop.ScheduleAfter(IoTask.Create((_, _) => Change(() => over = true), 0), TimeSpan.FromMilliseconds(milliseconds));
            Wait(() => over);
        }
    }

    private static List<SafeFileHandle> Exhaust()
    {
        List<SafeFileHandle> handles = [];
        try
        {
            while (true)
            {
                handles.Add(File.OpenHandle("/dev/null"));
            }
        }
        catch (IOException)
        {
            return handles;
        }
    }

    /// <summary>Nanoseconds that the thread has been on a processor.</summary>
    private static long CpuTime(SafeFileHandle statistics)
    {
        byte[] buffer = new byte[100];
        int count = RandomAccess.Read(statistics, buffer, 0);
        string text = Encoding.ASCII.GetString(buffer, 0, count);
        return long.Parse(text[..text.IndexOf(' ', StringComparison.Ordinal)]);
    }

    [DllImport("libc")]
    private static extern nint signal(int number, nint handler);
}
