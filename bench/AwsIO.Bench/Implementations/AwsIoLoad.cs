using System.Diagnostics;
using AwsIO.Bench.Measuring;
using AwsIO.Bench.Running;

namespace AwsIO.Bench.Implementations;

/// <summary>What the channels of <see cref="AwsIoWorkload"/> share, and their handlers.</summary>
internal sealed class AwsIoLoad(WorkloadOptions options, LoadMeter meter)
{
    private const long Window = 1024 * 1024;
    private const int SmallestToWrap = 4096;

    private readonly byte[] _payload = new byte[options.Size];
    private LoadRecorder? _recorder;
    private LoadRecorder? _latency;

    /// <summary>A handler that begins the load of its connection.</summary>
    internal interface IStarter
    {
        /// <summary>Sends the first message; or, once that is back and no other follows, one more. Loop thread.</summary>
        void Start(IoChannel channel);
    }

    // One loop counts operations and bytes: the clients' for echo, the server's for bulk.
    private LoadRecorder Recorder => _recorder ??= meter.AddRecorder();

    private LoadRecorder Latency => _latency ??= meter.AddRecorder();

    internal ChannelHandler CreateServerHandler() =>
        options.Kind == WorkloadKind.Bulk ? new BulkServer(this) : new EchoServer();

    internal ChannelHandler CreateClientHandler() =>
        options.Kind == WorkloadKind.Bulk ? new BulkClient(this) : new EchoClient(this);

    // Whether a client sends the next message as soon as one is back.
    private bool IsContinuous => options.Kind == WorkloadKind.Echo;

    internal void OnEnded(IoError error)
    {
        if (error.Code is not (IoErrorCode.Success or IoErrorCode.SocketClosed or IoErrorCode.EventLoopShutdown or IoErrorCode.TlsAlertNotGraceful))
        {
            meter.Fail(new InvalidOperationException(error.ToString()));
        }
    }

    /// <summary>Sends one message. Loop thread.</summary>
    internal void Send(ChannelSlot slot, MessageCompletion? completion, object? state)
    {
        // As with the others, what is large is not copied before it is written.
        IoMessage message = _payload.Length >= SmallestToWrap
            ? slot.Channel.WrapMessage(_payload)
            : slot.Channel.RentMessage(_payload.Length);
        _ = message.Append(_payload);
        if (completion is not null)
        {
            message.OnCompleted(completion, state);
        }

        IoError error = slot.Send(message, ChannelDirection.Write);
        if (error.IsError)
        {
            message.Release();
            OnEnded(error);
        }
    }

    private sealed class EchoServer : ChannelHandler
    {
        protected internal override long InitialWindow => Window;

        protected internal override IoError OnRead(ChannelSlot slot, IoMessage message)
        {
            slot.IncrementReadWindow(message.Length);
            return slot.Send(message, ChannelDirection.Write);
        }
    }

    private sealed class EchoClient(AwsIoLoad load) : ChannelHandler, IStarter
    {
        private int _received;
        private long _started;
        private bool _isUnderWay;

        protected internal override long InitialWindow => Window;

        public void Start(IoChannel channel)
        {
            if (_isUnderWay)
            {
                return;
            }

            _isUnderWay = true;
            _started = Stopwatch.GetTimestamp();
            load.Send(Slot!, null, null);
        }

        protected internal override IoError OnRead(ChannelSlot slot, IoMessage message)
        {
            slot.IncrementReadWindow(message.Length);
            _received += message.Length;
            message.Release();
            if (_received >= load._payload.Length)
            {
                _received -= load._payload.Length;
                long now = Stopwatch.GetTimestamp();
                load.Recorder.RoundTrip(load._payload.Length, _started, now);
                _started = now;
                _isUnderWay = load.IsContinuous;
                if (_isUnderWay)
                {
                    load.Send(slot, null, null);
                }
            }

            return IoError.None;
        }
    }

    private sealed class BulkServer(AwsIoLoad load) : ChannelHandler
    {
        protected internal override long InitialWindow => Window;

        protected internal override IoError OnRead(ChannelSlot slot, IoMessage message)
        {
            slot.IncrementReadWindow(message.Length);
            load.Recorder.Received(message.Length);
            message.Release();
            return IoError.None;
        }
    }

    private sealed class BulkClient(AwsIoLoad load) : ChannelHandler, IStarter
    {
        private static readonly MessageCompletion s_onWritten = static (_, error, state) => ((BulkClient)state!).OnWritten(error);
        private long _started;

        public void Start(IoChannel channel)
        {
            _started = Stopwatch.GetTimestamp();
            for (int i = 0; i < WorkloadOptions.MessagesInFlight; i++)
            {
                load.Send(Slot!, s_onWritten, this);
            }
        }

        private void OnWritten(IoError error)
        {
            if (error.IsError)
            {
                load.OnEnded(error);
                return;
            }

            long now = Stopwatch.GetTimestamp();
            load.Latency.Written(_started, now);
            _started = now;
            load.Send(Slot!, s_onWritten, this);
        }
    }
}
