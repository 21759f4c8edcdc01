using System.Diagnostics;
using AwsIO.Bench.Running;
using DotNetty.Buffers;
using DotNetty.Transport.Channels;

namespace AwsIO.Bench.Implementations;

/// <summary>Writes each buffer back as it is, and flushes once a read is complete.</summary>
internal sealed class DotNettyEchoServer(DotNettyLoad load) : ChannelHandlerAdapter
{
    public override void ChannelRead(IChannelHandlerContext context, object message) => context.WriteAsync(message);

    public override void ChannelReadComplete(IChannelHandlerContext context) => context.Flush();

    public override void ExceptionCaught(IChannelHandlerContext context, Exception exception) =>
        load.Fail(context, exception);
}

/// <summary>Counts a message back, then sends the next.</summary>
internal sealed class DotNettyEchoClient(DotNettyLoad load) : ChannelHandlerAdapter
{
    private int _received;
    private long _started;

    public override void UserEventTriggered(IChannelHandlerContext context, object evt)
    {
        _started = Stopwatch.GetTimestamp();
        context.WriteAndFlushAsync(load.NextMessage());
    }

    public override void ChannelRead(IChannelHandlerContext context, object message)
    {
        var buffer = (IByteBuffer)message;
        _received += buffer.ReadableBytes;
        buffer.Release();
        if (_received < load.Size)
        {
            return;
        }

        _received -= load.Size;
        long now = Stopwatch.GetTimestamp();
        load.Recorder.RoundTrip(load.Size, _started, now);
        _started = now;
        if (load is { Stopping: false, IsContinuous: true })
        {
            context.WriteAsync(load.NextMessage());
        }
    }

    public override void ChannelReadComplete(IChannelHandlerContext context) => context.Flush();

    public override void ExceptionCaught(IChannelHandlerContext context, Exception exception) =>
        load.Fail(context, exception);
}

/// <summary>Counts what it reads.</summary>
internal sealed class DotNettyBulkServer(DotNettyLoad load) : ChannelHandlerAdapter
{
    public override void ChannelRead(IChannelHandlerContext context, object message)
    {
        var buffer = (IByteBuffer)message;
        load.Recorder.Received(buffer.ReadableBytes);
        buffer.Release();
    }

    public override void ExceptionCaught(IChannelHandlerContext context, Exception exception) =>
        load.Fail(context, exception);
}

/// <summary>Keeps a number of messages in flight: each completed write sends the next.</summary>
internal sealed class DotNettyBulkClient(DotNettyLoad load) : ChannelHandlerAdapter
{
    public override void UserEventTriggered(IChannelHandlerContext context, object evt)
    {
        for (int i = 0; i < WorkloadOptions.MessagesInFlight; i++)
        {
            _ = SendAsync(context);
        }
    }

    public override void ExceptionCaught(IChannelHandlerContext context, Exception exception) =>
        load.Fail(context, exception);

    // A handler runs under its loop's task scheduler, which the await captures: the method goes on on the loop.
    private async Task SendAsync(IChannelHandlerContext context)
    {
        try
        {
            long started = Stopwatch.GetTimestamp();
            while (!load.Stopping)
            {
                await context.WriteAndFlushAsync(load.NextMessage());
                long now = Stopwatch.GetTimestamp();
                load.Recorder.Written(started, now);
                started = now;
            }
        }
        catch (Exception exception)
        {
            load.Fail(context, exception);
        }
    }
}
