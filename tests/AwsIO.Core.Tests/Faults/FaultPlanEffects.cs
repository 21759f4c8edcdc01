using System.Net;
using AwsIO.Native.Bsd;
using AwsIO.Native.Linux;
using AwsIO.Native.OpenSsl;
using AwsIO.Native.Unix;
using AwsIO.Testing;
using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.Faults;

/// <summary>Run by <see cref="FaultPlanTests"/> in a process where faults are on.</summary>
[Collection(LoopTestCollection.Name)]
public sealed class FaultPlanEffects
{
    [Fact(Explicit = true)]
    public void A_call_fails_on_the_use_that_was_named_and_on_no_other()
    {
        using FaultPlan plan = FaultPlan.Start("socket:2=EMFILE");
        int first = NewSocket();
        int second = NewSocket();
        int third = NewSocket();
        Assert.True(first >= 0);
        Assert.Equal(-Errno.EMFILE, second);
        Assert.True(third >= 0);
        Assert.Equal(3, plan.Uses(NativeFunction.Socket));
        Assert.Equal("socket:2=EMFILE", Assert.Single(plan.Taken).ToString());
        Assert.Equal(1, plan.TakenCount);
        Assert.Equal(0, Libc.Close(first));
        Assert.Equal(0, Libc.Close(third));
    }

    [Fact(Explicit = true)]
    public unsafe void A_call_that_was_interrupted_is_made_again_by_the_wrapper()
    {
        using TestPipe pipe = new();
        using FaultPlan plan = FaultPlan.Start("write:1-3=EINTR; read:1-2=EINTR");
        byte there = 7;
        byte back = 0;
        Assert.Equal(1, Libc.Write(pipe.Writer.Descriptor, &there, 1));
        Assert.Equal(1, Libc.Read(pipe.Reader.Descriptor, &back, 1));
        Assert.Equal(7, back);
        Assert.Equal(4, plan.Uses(NativeFunction.Write));
        Assert.Equal(3, plan.Uses(NativeFunction.Read));
        Assert.Equal(5, plan.TakenCount);
    }

    [Fact(Explicit = true)]
    public unsafe void A_shortened_call_moves_what_was_allowed()
    {
        using TestPipe pipe = new();
        using FaultPlan plan = FaultPlan.Start("write:1=short(3); read:*=short(2)");
        byte* bytes = stackalloc byte[] { 1, 2, 3, 4, 5 };
        Assert.Equal(3, Libc.Write(pipe.Writer.Descriptor, bytes, 5));
        byte* back = stackalloc byte[5];
        Assert.Equal(2, Libc.Read(pipe.Reader.Descriptor, back, 5));
        Assert.Equal(1, Libc.Read(pipe.Reader.Descriptor, back + 2, 3));
        Assert.Equal(-Errno.EAGAIN, Libc.Read(pipe.Reader.Descriptor, back + 3, 2));
        Assert.Equal([1, 2, 3], new ReadOnlySpan<byte>(back, 3).ToArray());
    }

    [Theory(Explicit = true)]
    [InlineData(1, "a")]
    [InlineData(3, "abc")]
    [InlineData(4, "abcd")]
    [InlineData(100, "abcdef")]
    public unsafe void Of_several_buffers_the_first_bytes_are_sent(int most, string sent)
    {
        (int left, int right) = Connected();
        byte[] first = [.. "abc"u8];
        byte[] second = [.. "def"u8];
        fixed (byte* a = first, b = second)
        {
            IoVector* vectors = stackalloc IoVector[2];
            vectors[0] = new IoVector { Base = a, Length = 3 };
            vectors[1] = new IoVector { Base = b, Length = 3 };
            using FaultPlan plan = FaultPlan.Start($"sendmsg:1=short({most})");
            Assert.Equal(sent.Length, Libc.SendVector(left, vectors, 2));
        }

        byte* back = stackalloc byte[16];
        nint count = Libc.Receive(right, back, 16);
        Assert.Equal(sent, System.Text.Encoding.ASCII.GetString(back, (int)count));
        Assert.Equal(0, Libc.Close(left));
        Assert.Equal(0, Libc.Close(right));
    }

    [Fact(Explicit = true)]
    public void A_close_that_fails_has_closed()
    {
        int descriptor = NewSocket();
        using FaultPlan plan = FaultPlan.Start("close:1=EINTR");
        string? socket = new FileInfo($"/proc/self/fd/{descriptor}").LinkTarget;
        Assert.Equal(-Errno.EINTR, Libc.Close(descriptor));

        // The number may be another's by now.
        Assert.StartsWith("socket:", socket, StringComparison.Ordinal);
        Assert.DoesNotContain(Descriptors.Open(), open => open.EndsWith(socket!, StringComparison.Ordinal));
    }

    [Fact(Explicit = true)]
    public void A_connect_that_is_interrupted_goes_on()
    {
        (int left, int right) = Connected("connect:1=EINTR");
        Assert.Equal(0, Libc.Close(left));
        Assert.Equal(0, Libc.Close(right));
    }

    [Fact(Explicit = true)]
    public async Task What_a_false_EAGAIN_has_hidden_is_reported_once_more()
    {
        await using EventLoopGroup group = LoopBackend.Platform.NewGroup();
        using TestPipe pipe = new();
        TaskCompletionSource<int> read = new(TaskCreationOptions.RunContinuationsAsynchronously);
        int events = 0;
        RecordingHandler handler = new((_, handle, _) =>
        {
            events++;
            if (ReadOne(handle.Descriptor) == 1)
            {
                read.SetResult(events);
            }
        });
        using FaultPlan plan = FaultPlan.Start("read:1-3=EAGAIN");
        Assert.Equal(IoError.None, group[0].Subscribe(pipe.Reader, IoEvents.Readable, handler));
        WriteOne(pipe.Writer.Descriptor);
        Assert.Equal(4, await read.Task.Within());
        await group[0].Call(() => { _ = group[0].Unsubscribe(pipe.Reader); });
    }

    [Fact(Explicit = true)]
    public async Task What_a_short_read_has_left_is_reported_once_more()
    {
        await using EventLoopGroup group = LoopBackend.Platform.NewGroup();
        using TestPipe pipe = new();
        TaskCompletionSource<int> all = new(TaskCreationOptions.RunContinuationsAsynchronously);
        int count = 0;
        RecordingHandler handler = new((_, handle, _) =>
        {
            count += ReadSome(handle.Descriptor);
            if (count == 3)
            {
                all.SetResult(count);
            }
        });
        WriteOne(pipe.Writer.Descriptor);
        WriteOne(pipe.Writer.Descriptor);
        WriteOne(pipe.Writer.Descriptor);
        using FaultPlan plan = FaultPlan.Start("read:*=short(1)");
        Assert.Equal(IoError.None, group[0].Subscribe(pipe.Reader, IoEvents.Readable, handler));
        Assert.Equal(3, await all.Task.Within());
        await group[0].Call(() => { _ = group[0].Unsubscribe(pipe.Reader); });
    }

    [Fact(Explicit = true)]
    public async Task A_wait_can_bring_one_event_at_a_time()
    {
        await using EventLoopGroup group = LoopBackend.Platform.NewGroup();
        TestPipe[] pipes = [new(), new(), new()];
        RecordingHandler[] handlers = [new(), new(), new()];
        using (FaultPlan plan = FaultPlan.Start("epoll_wait:*=short(1); epoll_pwait2:*=short(1)"))
        {
            using (await group[0].Hold())
            {
                for (int i = 0; i < pipes.Length; i++)
                {
                    Assert.Equal(IoError.None, group[0].Subscribe(pipes[i].Reader, IoEvents.Readable, handlers[i]));
                    WriteOne(pipes[i].Writer.Descriptor);
                }
            }

            foreach (RecordingHandler handler in handlers)
            {
                Assert.Equal(IoEvents.Readable, await handler.Next());
            }
        }

        foreach (TestPipe pipe in pipes)
        {
            await group[0].Call(() => { _ = group[0].Unsubscribe(pipe.Reader); });
            pipe.Dispose();
        }
    }

    [Fact(Explicit = true)]
    public void A_plan_for_some_descriptors_leaves_the_others_alone()
    {
        int mine = NewSocket();
        int other = NewSocket();
        using FaultPlan plan = FaultPlan.Start("listen:*=EADDRINUSE", new FaultPlanOptions { Descriptors = [mine] });
        Assert.Equal(0, Libc.Listen(other, 1));
        Assert.Equal(-Errno.EADDRINUSE, Libc.Listen(mine, 1));
        Assert.Equal(1, plan.Uses(NativeFunction.Listen));
        int third = NewSocket();
        Assert.Equal(0, plan.Uses(NativeFunction.Socket));
        foreach (int descriptor in (int[])[mine, other, third])
        {
            Assert.Equal(0, Libc.Close(descriptor));
        }
    }

    [Fact(Explicit = true)]
    public void A_plan_for_one_thread_leaves_the_others_alone()
    {
        using FaultPlan plan = FaultPlan.Start(
            [new FaultRule(NativeFunction.Socket, FaultUses.All, FaultOutcome.Fail("ENFILE"))],
            new FaultPlanOptions { ManagedThreadId = Environment.CurrentManagedThreadId });
        int elsewhere = 0;
        Thread thread = new(() => elsewhere = NewSocket());
        thread.Start();
        thread.Join();
        Assert.True(elsewhere >= 0);
        Assert.Equal(-Errno.ENFILE, NewSocket());
        Assert.Equal(1, plan.Uses(NativeFunction.Socket));
        Assert.Equal(0, Libc.Close(elsewhere));
    }

    [Fact(Explicit = true)]
    public void A_plan_stands_in_for_the_one_before_it_until_it_ends()
    {
        using FaultPlan outer = FaultPlan.Start("socket:*=EMFILE");
        Assert.Equal(-Errno.EMFILE, NewSocket());
        using (FaultPlan inner = FaultPlan.Start("socket:*=ENFILE"))
        {
            Assert.Equal(-Errno.ENFILE, NewSocket());
            Assert.Equal(1, inner.Uses(NativeFunction.Socket));
        }

        Assert.Equal(-Errno.EMFILE, NewSocket());
        Assert.Equal(2, outer.Uses(NativeFunction.Socket));
        outer.Dispose();
        int descriptor = NewSocket();
        Assert.True(descriptor >= 0);
        Assert.Equal(0, Libc.Close(descriptor));
    }

    [Fact(Explicit = true)]
    public void A_look_up_fails_with_the_resolver_s_own_code()
    {
        using FaultPlan plan = FaultPlan.Start("getaddrinfo:1=EAI_AGAIN; getaddrinfo:2=EAI_SYSTEM");
        Assert.Equal(IoErrorCode.DnsQueryAgain, SystemLookup.Resolve("localhost").Error.Code);
        IoError system = SystemLookup.Resolve("localhost").Error;
        Assert.Equal(IoErrorCode.SystemCallFailure, system.Code);
        Assert.Contains(Errno.Describe(Errno.EMFILE), system.Detail, StringComparison.Ordinal);
        Assert.NotEmpty(SystemLookup.Resolve("localhost").Value);
    }

    [Fact(Explicit = true)]
    public void A_function_of_OpenSSL_finds_no_memory_and_says_so()
    {
        using FaultPlan plan = FaultPlan.Start("SSL_CTX_new:1=ENOMEM");
        IoResult<TlsContext> failed = TlsContext.CreateClient(new TlsContextOptions { VerifyPeer = false });
        Assert.Equal(IoErrorCode.TlsContextError, failed.Error.Code);
        Assert.Contains("malloc failure", failed.Error.Detail, StringComparison.Ordinal);
        Assert.Equal(0ul, LibCrypto.ERR_peek_last_error());
        IoResult<TlsContext> made = TlsContext.CreateClient(new TlsContextOptions { VerifyPeer = false });
        made.Value.Dispose();
    }

    [Fact(Explicit = true)]
    public unsafe void Places_of_trusted_certificates_need_memory_too()
    {
        Assert.Equal(IoError.None, OpenSslLibrary.EnsureLoaded());
        using FaultPlan plan = FaultPlan.Start("SSL_CTX_load_verify_locations:1=ENOMEM");
        nint context = LibSsl.SSL_CTX_new(LibSsl.TLS_client_method());
        fixed (byte* place = "/\0"u8)
        {
            Assert.Equal(0, LibSsl.SSL_CTX_load_verify_locations(context, null, place));
            Assert.Equal("malloc failure", LibCrypto.TakeErrorText(""));
            Assert.Equal(1, LibSsl.SSL_CTX_load_verify_locations(context, null, place));
        }

        LibSsl.SSL_CTX_free(context);
    }

    [Theory(Explicit = true)]
    [InlineData("pipe2:1=EMFILE")]
    [InlineData("ioctl:1=EINVAL")]
    [InlineData("ioctl:2=EINVAL")]
    [InlineData("fcntl:1=EINVAL")]
    [InlineData("fcntl:2=EINVAL")]
    [InlineData("fcntl:3=EINVAL")]
    [InlineData("fcntl:4=EINVAL")]
    public unsafe void A_pipe_that_takes_several_calls_leaves_nothing_when_one_of_them_fails(string rule)
    {
        HashSet<string> before = Descriptors.Open();
        int* ends = stackalloc int[2];
        using FaultPlan plan = FaultPlan.Start(rule);
        Assert.Equal(rule.EndsWith("EMFILE", StringComparison.Ordinal) ? -Errno.EMFILE : -Errno.EINVAL, LibcBsd.Pipe(ends));
        Assert.Equal(1, plan.TakenCount);
        Assert.Empty(Descriptors.Left(before));
    }

    [Fact(Explicit = true)]
    public void An_interface_whose_index_cannot_be_found_out_is_none()
    {
        using FaultPlan plan = FaultPlan.Start("if_nametoindex:1=EMFILE");
        Assert.False(SocketOptions.IsNetworkInterface("lo"));
        Assert.True(SocketOptions.IsNetworkInterface("lo"));
        Assert.Equal(1, plan.TakenCount);
    }

    [Fact(Explicit = true)]
    public void A_count_that_is_read_by_a_variadic_call_can_fail()
    {
        int descriptor = NewSocket();
        using FaultPlan plan = FaultPlan.Start("ioctl:1=ENOTTY");
        Assert.Equal(-25, LibcBsd.IoctlCount(descriptor, Native.Platform.Abi.Current.Files.IoctlBytesToRead));
        Assert.Equal(0, Libc.Close(descriptor));
    }

    [Fact(Explicit = true)]
    public void A_group_that_the_system_has_no_thread_for_is_an_error()
    {
        HashSet<string> before = Descriptors.Open();
        using FaultPlan plan = FaultPlan.Start("pthread_create:2=EAGAIN");
        InvalidOperationException error = Assert.Throws<InvalidOperationException>(static () => LoopBackend.Platform.NewGroup(2));
        Assert.Contains("Event loop 2 of 2 could not be made", error.Message, StringComparison.Ordinal);
        Assert.Empty(Descriptors.Left(before));
    }

    [Fact(Explicit = true)]
    public async Task A_kernel_without_epoll_pwait2_is_asked_by_milliseconds()
    {
        // Whatever the environment says of other tests, this one is about epoll.
        await using EventLoopGroup group = new LoopBackend().NewGroup();
        using FaultPlan plan = FaultPlan.Start("epoll_pwait2:1=ENOSYS");
        for (int i = 0; i < 3; i++)
        {
            RecordingTask task = new();
            group[0].ScheduleAfter(task, TimeSpan.FromMilliseconds(3));
            Assert.Equal(IoTaskStatus.Run, await task.Called.Within());
        }

        Assert.Equal(1, plan.Uses(NativeFunction.EpollPwait2));
        Assert.InRange(plan.Uses(NativeFunction.EpollWait), 3, long.MaxValue);
    }

    private static int NewSocket() => Libc.Socket(SocketConstants.FamilyIPv4, SocketConstants.TypeStream);

    /// <summary>Two sockets that are connected with each other.</summary>
    private static unsafe (int Left, int Right) Connected(string plan = "")
    {
        using FaultPlan running = FaultPlan.Start(plan);
        byte* address = stackalloc byte[SockAddr.MaxSize];
        int listener = NewSocket();
        new Span<byte>(address, SockAddr.MaxSize).Clear();
        Assert.Equal(IoError.None, SocketAddressText.TryWrite(
            SocketEndpoint.Tcp(IPAddress.Loopback.ToString(), 0), new Span<byte>(address, SockAddr.MaxSize), out int length));
        Assert.Equal(0, Libc.Bind(listener, address, length));
        Assert.Equal(0, Libc.Listen(listener, 1));
        int size = SockAddr.MaxSize;
        Assert.Equal(0, Libc.GetLocalAddress(listener, address, ref size));
        int left = NewSocket();
        Assert.Equal(-Errno.EINPROGRESS, Libc.Connect(left, address, size));
        int right = -Errno.EAGAIN;
        Waiting.Until(() => (right = Accept(listener)) >= 0, "A connection has come");
        Assert.Equal(0, Libc.Close(listener));
        return (left, right);
    }

    private static unsafe int Accept(int listener)
    {
        byte* address = stackalloc byte[SockAddr.MaxSize];
        int size = SockAddr.MaxSize;
        return Libc.Accept(listener, address, ref size);
    }

    private static unsafe int ReadOne(int descriptor)
    {
        byte value;
        return (int)Libc.Read(descriptor, &value, 1);
    }

    private static unsafe int ReadSome(int descriptor)
    {
        byte* buffer = stackalloc byte[16];
        return (int)Libc.Read(descriptor, buffer, 16);
    }

    private static unsafe void WriteOne(int descriptor)
    {
        byte value = 1;
        Assert.Equal(1, Libc.Write(descriptor, &value, 1));
    }
}
