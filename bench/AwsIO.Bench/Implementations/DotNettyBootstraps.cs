using DotNetty.Buffers;
using DotNetty.Transport.Bootstrapping;
using DotNetty.Transport.Channels;
using DotNetty.Transport.Channels.Sockets;

namespace AwsIO.Bench.Implementations;

/// <summary>How all DotNetty workloads make their channels: TCP without delay, pooled buffers, reads of one size.</summary>
internal static class DotNettyBootstraps
{
    /// <summary>The accepting channel shares the server's one loop, as it does in the other implementations.</summary>
    public static DotNetty.Transport.Bootstrapping.ServerBootstrap Server(
        IEventLoopGroup group, int readSize, Action<IChannel> initialize) =>
        new DotNetty.Transport.Bootstrapping.ServerBootstrap()
            .Group(group)
            .Channel<TcpServerSocketChannel>()
            .Option(ChannelOption.SoBacklog, 1024)
            .ChildOption(ChannelOption.TcpNodelay, true)
            .ChildOption(ChannelOption.Allocator, PooledByteBufferAllocator.Default)
            .ChildOption(ChannelOption.RcvbufAllocator, new FixedRecvByteBufAllocator(readSize))
            .ChildHandler(new ActionChannelInitializer<IChannel>(initialize));

    public static Bootstrap Client(IEventLoopGroup group, int readSize, Action<IChannel> initialize) =>
        new Bootstrap()
            .Group(group)
            .Channel<TcpSocketChannel>()
            .Option(ChannelOption.TcpNodelay, true)
            .Option(ChannelOption.Allocator, PooledByteBufferAllocator.Default)
            .Option(ChannelOption.RcvbufAllocator, new FixedRecvByteBufAllocator(readSize))
            .Handler(new ActionChannelInitializer<IChannel>(initialize));
}
