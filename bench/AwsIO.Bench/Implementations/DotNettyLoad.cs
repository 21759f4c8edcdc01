using AwsIO.Bench.Measuring;
using AwsIO.Bench.Running;
using DotNetty.Buffers;
using DotNetty.Common.Utilities;
using DotNetty.Transport.Channels;

namespace AwsIO.Bench.Implementations;

/// <summary>What the handlers of one DotNetty workload share.</summary>
internal sealed class DotNettyLoad
{
    /// <summary>The user event that starts a client.</summary>
    public static readonly object Go = new();

    private IByteBuffer? _payload;
    private LoadMeter _meter = null!;

    public volatile bool Stopping;

    public int Size { get; private set; }

    /// <summary>Whether a client sends the next message as soon as one is back.</summary>
    public bool IsContinuous { get; private set; }

    public LoadRecorder Recorder => _meter.Current;

    public void Prepare(WorkloadOptions options, LoadMeter meter)
    {
        Size = options.Size;
        IsContinuous = options.Kind == WorkloadKind.Echo;
        _meter = meter;
        byte[] payload = new byte[options.Size];
        Random.Shared.NextBytes(payload);
        _payload = Unpooled.WrappedBuffer(payload);
    }

    /// <summary>The message once more, without a copy.</summary>
    public IByteBuffer NextMessage() => _payload!.RetainedDuplicate();

    public void Release() => _payload?.SafeRelease();

    public void Fail(IChannelHandlerContext context, Exception exception)
    {
        if (!Stopping)
        {
            _meter.Fail(exception);
        }

        context.CloseAsync();
    }
}
