using System.Buffers;
using System.Threading.Tasks.Sources;

namespace AwsIO.Tasks;

/// <summary>
/// One datagram on its way: a task that hands it to the socket on the loop, then the result that its sender awaits, then kept by its
/// socket for the next one. It has a copy of the bytes, so that a sender who gives up may use the memory at once.
/// </summary>
internal sealed class DatagramSend : IoTask, IValueTaskSource
{
    private static readonly SocketWriteCallback s_completed = static (_, error, _, state) => ((DatagramSend)state!).Complete(error);

    private readonly DatagramSendPool _pool;
    private readonly IoSocket _socket;
    private ManualResetValueTaskSourceCore<bool> _source;
    private CancellationTokenRegistration _registration;
    private CancellationToken _token;
    private DatagramAddress _to;
    private byte[] _data = [];
    private int _length;
    private int _isTold;
    private int _holders;

    internal DatagramSend(DatagramSendPool pool, IoSocket socket, ContinuationMode mode)
    {
        _pool = pool;
        _socket = socket;
        _source.RunContinuationsAsynchronously = mode != ContinuationMode.Inline;
    }

    internal ValueTask Start(ReadOnlyMemory<byte> data, in DatagramAddress to, CancellationToken cancellationToken)
    {
        _data = ArrayPool<byte>.Shared.Rent(data.Length);
        data.CopyTo(_data);
        _length = data.Length;
        _to = to;
        _token = cancellationToken;
        _source.Reset();
        _isTold = 0;

        // The loop, and who awaits.
        _holders = 2;
        ValueTask result = new(this, _source.Version);
        _registration = cancellationToken.CanBeCanceled
            ? cancellationToken.UnsafeRegister(static state => ((DatagramSend)state!).Cancel(), this)
            : default;
        _socket.EventLoop!.Schedule(this);
        return result;
    }

    public void GetResult(short token)
    {
        if (_source.GetStatus(token) == ValueTaskSourceStatus.Pending)
        {
            throw IoErrorExtensions.NothingToTake("send");
        }

        // A cancellation that runs at this moment finds nothing to cancel; it is over when this returns.
        _registration.Dispose();
        try
        {
            _source.GetResult(token);
        }
        finally
        {
            Release();
        }
    }

    public ValueTaskSourceStatus GetStatus(short token) => _source.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);

    protected override void Run(IoTaskStatus status)
    {
        if (Volatile.Read(ref _isTold) != 0)
        {
            // Given up before its turn came: it is not sent.
            Complete(IoErrorCode.OperationCancelled);
            return;
        }

        ReadOnlyMemory<byte> data = _data.AsMemory(0, _length);
        IoError error = status == IoTaskStatus.Canceled ? new IoError(IoErrorCode.EventLoopShutdown, "The socket's event loop is ending.")
            : _to.IsNone ? _socket.Write(data, s_completed, this)
            : _socket.SendTo(data, _to, s_completed, this);
        if (error.IsError)
        {
            Complete(error);
        }
    }

    private void Complete(IoError error)
    {
        ArrayPool<byte>.Shared.Return(_data);
        _data = [];
        if (Interlocked.Exchange(ref _isTold, 1) == 0)
        {
            if (error.IsError)
            {
                _source.SetException(error.ToException());
            }
            else
            {
                _source.SetResult(true);
            }
        }

        Release();
    }

    private void Cancel()
    {
        if (Interlocked.Exchange(ref _isTold, 1) == 0)
        {
            _source.SetException(new OperationCanceledException(_token));
        }
    }

    private void Release()
    {
        if (Interlocked.Decrement(ref _holders) == 0)
        {
            _registration = default;
            _token = default;
            _pool.Return(this);
        }
    }
}
