using AwsIO.Native.Bsd;
using AwsIO.Native.Platform;
using AwsIO.Native.Unix;

namespace AwsIO.SelfCheck;

/// <summary>What the kqueue event loop takes for granted of the kernel.</summary>
internal sealed class KqueueChecks(KqueueCalls calls, Abi abi)
{
    private const short Read = KqueueNumbers.FilterRead;
    private const short Write = KqueueNumbers.FilterWrite;

    internal IEnumerable<Check> All() =>
    [
        new("an event has the fields where AwsIO reads them, one behind the other", Layout),
        new("a change is answered by its receipt, and a wrong one by errno", Receipts),
        new("two filters are added by one call, where AwsIO does that", TwoAtOnce),
        new("an event is told once, and again after more has come (EV_CLEAR)", Edges),
        new("adding a filter again tells of what is there again", AddAgain),
        new("closing a descriptor takes its filters away", CloseForgets),
        new("a user event ends another thread's wait, and many are one", WakeUp),
        new("a trigger sets the user's data", TriggerData),
        new("a wait without events lasts its time, and a day is not too long", Timeouts),
        new("EV_EOF on reading comes with bytes that are still unread", EndWithBytes),
        new("EV_EOF on writing comes after a local shutdown, and not on reading", LocalShutdown),
        new("a reset is EV_EOF with ECONNRESET, which stays for SO_ERROR", ResetError),
        new("a refused connection is EV_EOF with ECONNREFUSED, which stays for SO_ERROR", RefusedError),
        new("a connection is told by writing, without EV_EOF", Connected),
        new("a listener is told by reading", Accepting),
        new("a pipe takes both filters at both ends, and tells of its end", PipeEnds),
    ];

    private void Layout()
    {
        using KqueueProbe probe = new(calls);
        probe.Add(0x1234567, probe.Numbers.FilterUser, 0x1122_3344_5566_7788);
        probe.Add(0x7654321, probe.Numbers.FilterUser, 0x8877_6655_4433_2211);
        probe.Trigger(0x1234567, 0x1122_3344_5566_7788);
        probe.Trigger(0x7654321, 0x8877_6655_4433_2211);
        List<KernelEvent> events = probe.Wait(5_000_000_000);
        if (events.Count == 1)
        {
            events.AddRange(probe.Wait(5_000_000_000));
        }

        events = [.. events.OrderBy(static found => found.Ident)];
        Expect.Equal(2, events.Count, "the number of events");
        Expect.Equal(0x1234567ul, events[0].Ident, "the first ident");
        Expect.Equal(0x1122_3344_5566_7788ul, events[0].UserData, "the first user data");
        Expect.Equal(0x7654321ul, events[1].Ident, "the second ident");
        Expect.Equal(0x8877_6655_4433_2211ul, events[1].UserData, "the second user data");
        Expect.Equal(probe.Numbers.FilterUser, events[0].Filter, "the filter");
        Expect.Equal(0, events[0].Flags & (KqueueNumbers.Error | KqueueNumbers.EndOfFile), "EV_ERROR or EV_EOF");
    }

    private void Receipts()
    {
        using Sockets sockets = new();
        using KqueueProbe probe = new(calls);
        (int reader, _) = sockets.Pipe();
        Expect.Equal(0, probe.Change(reader, Read, KqueueNumbers.Add | KqueueNumbers.Clear), "errno of adding");
        Expect.Equal(0, probe.Change(reader, Read, KqueueNumbers.Enable), "errno of enabling");
        Expect.Equal(0, probe.Change(reader, Read, KqueueNumbers.Delete), "errno of deleting");
        Expect.Equal(Errno.ENOENT, probe.Change(reader, Read, KqueueNumbers.Delete), "errno of deleting what is not there");
        Expect.Equal(Errno.ENOENT, probe.Change(reader, Read, KqueueNumbers.Enable), "errno of enabling what is not there");
        sockets.Close(reader);
        Expect.Equal(Errno.EBADF, probe.Change(reader, Read, KqueueNumbers.Add), "errno of adding what is closed");
        Expect.Equal(0, probe.Poll().Count, "the number of events");
    }

    private void TwoAtOnce()
    {
        if (!calls.Numbers.AddsBothFiltersAtOnce)
        {
            throw new CheckSkippedException("AwsIO makes two calls here");
        }

        using Sockets sockets = new();
        using KqueueProbe probe = new(calls);
        (int client, int server) = sockets.Pair();
        Expect.Equal((0, 0), probe.AddBoth(client), "errno of both");
        Sockets.Send(server, [1]);
        Expect.Equal(2ul, probe.Next(Write).UserData, "the user data of writing");
        Sockets.Send(server, [1]);
        Expect.Equal(1ul, probe.Next(Read).UserData, "the user data of reading");
    }

    private void Edges()
    {
        using Sockets sockets = new();
        using KqueueProbe probe = new(calls);
        (int reader, int writer) = sockets.Pipe();
        probe.Add(reader, Read);
        Expect.Equal(0, probe.Poll().Count, "the number of events of an empty pipe");
        Sockets.Write(writer);
        Expect.Equal((ulong)reader, probe.Next(Read).Ident, "the ident");
        Expect.Equal(0, probe.Poll().Count, "the number of events when nothing more has come");
        Sockets.Write(writer);
        Expect.Equal(Read, probe.Next(Read).Filter, "the filter");
    }

    private void AddAgain()
    {
        using Sockets sockets = new();
        using KqueueProbe probe = new(calls);
        (int reader, int writer) = sockets.Pipe();
        Sockets.Write(writer);
        probe.Add(reader, Read, 1);
        Expect.Equal(1ul, probe.Next(Read).UserData, "the user data");
        probe.Add(reader, Read, 2);
        Expect.Equal(2ul, probe.Next(Read).UserData, "the user data after adding again");
    }

    private void CloseForgets()
    {
        using Sockets sockets = new();
        using KqueueProbe probe = new(calls);
        (int reader, int writer) = sockets.Pipe();
        probe.Add(reader, Read);
        Sockets.Write(writer);
        sockets.Close(reader);
        Expect.Equal(0, probe.Poll().Count, "the number of events of what is closed");
        (int again, _) = sockets.Pipe();
        Expect.Equal(Errno.ENOENT, probe.Change(again, Read, KqueueNumbers.Enable), "errno of enabling what has the number now");
    }

    private void WakeUp()
    {
        using KqueueProbe probe = new(calls);
        probe.Add(1, probe.Numbers.FilterUser, 7);
        Thread other = new(() =>
        {
            for (int i = 0; i < 100; i++)
            {
                probe.Trigger(1, 7);
            }
        });
        other.Start();
        Expect.Equal(7ul, probe.Next(probe.Numbers.FilterUser).UserData, "the user data");
        other.Join();

        // Those that came after the first was taken are one event, or none.
        Expect.True(probe.Poll().Count <= 1, "many triggers were more than one event");
        Expect.Equal(0, probe.Poll().Count, "the number of events when all are taken");
    }

    private void TriggerData()
    {
        using KqueueProbe probe = new(calls);
        probe.Add(1, probe.Numbers.FilterUser, 7);
        probe.Trigger(1, 8);
        Expect.Equal(8ul, probe.Next(probe.Numbers.FilterUser).UserData, "the user data");
    }

    private void Timeouts()
    {
        using Sockets sockets = new();
        using KqueueProbe probe = new(calls);
        foreach (long nanoseconds in new[] { 0L, 1_000, 1_500_000, 20_000_001 })
        {
            long start = IoClock.Now;
            Expect.Equal(0, probe.Wait(nanoseconds).Count, "the number of events");
            long lasted = IoClock.Now - start;
            Expect.True(lasted >= nanoseconds, $"a wait of {nanoseconds} ns lasted {lasted} ns");
        }

        (int reader, int writer) = sockets.Pipe();
        probe.Add(reader, Read);
        Sockets.Write(writer);
        Expect.Equal(1, probe.Wait(long.MaxValue).Count, "the number of events of the longest wait");
    }

    private void EndWithBytes()
    {
        using Sockets sockets = new();
        using KqueueProbe probe = new(calls);
        (int client, int server) = sockets.Pair();
        Sockets.Send(client, [1, 2, 3]);
        Expect.Equal(0, Libc.Shutdown(client, SocketConstants.ShutdownWrite), "the result of shutdown()");
        probe.Add(server, Read);
        while (!probe.Next(Read).IsEnd)
        {
        }

        byte[] buffer = new byte[16];
        Expect.Equal(3, Sockets.Receive(server, buffer), "the bytes before the end");
        Expect.Equal(0, Sockets.Receive(server, buffer), "the end");
    }

    private void LocalShutdown()
    {
        using Sockets sockets = new();
        using KqueueProbe probe = new(calls);
        (int client, _) = sockets.Pair();
        probe.Add(client, Read);
        probe.Add(client, Write);
        Expect.True(!probe.Next(Write).IsEnd, "there was an end before any shutdown");
        Expect.Equal(0, Libc.Shutdown(client, SocketConstants.ShutdownWrite), "the result of shutdown()");
        while (!probe.Next(Write).IsEnd)
        {
        }

        Expect.True(!probe.Poll().Exists(static found => found.Filter == Read && found.IsEnd), "reading ended too");
    }

    private void ResetError()
    {
        using Sockets sockets = new();
        using KqueueProbe probe = new(calls);
        (int client, int server) = sockets.Pair();
        probe.Add(client, Read);
        sockets.Reset(server);
        KernelEvent end = probe.Next(Read);
        Expect.True(end.IsEnd, "EV_EOF is not set");
        Expect.Equal((uint)abi.ToNativeErrno(Errno.ECONNRESET), end.FilterFlags, "fflags");
        Expect.Equal(Errno.ECONNRESET, Libc.TakePendingError(client), "SO_ERROR (by Linux's numbers)");
    }

    private void RefusedError()
    {
        using Sockets sockets = new();
        using KqueueProbe probe = new(calls);
        (int listener, byte[] address) = sockets.Listen();
        sockets.Close(listener);
        int client = sockets.New();
        int result = Sockets.Connect(client, address);
        if (result == -Errno.ECONNREFUSED)
        {
            throw new CheckSkippedException("connect() was refused at once");
        }

        Expect.Equal(-Errno.EINPROGRESS, result, "the result of connect() (by Linux's numbers)");
        probe.Add(client, Write);
        KernelEvent end = probe.Next(Write);
        Expect.True(end.IsEnd, "EV_EOF is not set");
        Expect.Equal((uint)abi.ToNativeErrno(Errno.ECONNREFUSED), end.FilterFlags, "fflags");
        Expect.Equal(Errno.ECONNREFUSED, Libc.TakePendingError(client), "SO_ERROR (by Linux's numbers)");
    }

    private void Connected()
    {
        using Sockets sockets = new();
        using KqueueProbe probe = new(calls);
        (_, byte[] address) = sockets.Listen();
        int client = sockets.New();
        int result = Sockets.Connect(client, address);
        Expect.True(result is 0 or -Errno.EINPROGRESS, $"connect() answered errno {-result} (by Linux's numbers)");
        probe.Add(client, Write);
        Expect.True(!probe.Next(Write).IsEnd, "EV_EOF is set");
        Expect.Equal(0, Libc.TakePendingError(client), "SO_ERROR");
    }

    private void Accepting()
    {
        using Sockets sockets = new();
        using KqueueProbe probe = new(calls);
        (int listener, byte[] address) = sockets.Listen();
        probe.Add(listener, Read);
        Expect.Equal(0, probe.Change(listener, Write, KqueueNumbers.Add | KqueueNumbers.Clear), "errno of EVFILT_WRITE on a listener");
        int client = sockets.New();
        _ = Sockets.Connect(client, address);
        KernelEvent found = probe.Next(Read);
        Expect.Equal((ulong)listener, found.Ident, "the ident");
        Expect.True(found.Data >= 1, $"{found.Data} connections wait");
    }

    private void PipeEnds()
    {
        using Sockets sockets = new();
        using KqueueProbe probe = new(calls);
        (int reader, int writer) = sockets.Pipe();
        foreach (int end in new[] { reader, writer })
        {
            probe.Add(end, Read, (ulong)end);
            probe.Add(end, Write, (ulong)end);
        }

        sockets.Close(writer);
        while (!probe.Next(Read).IsEnd)
        {
        }
    }
}
