using System.Buffers;
using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace AwsIO.Tasks;

/// <summary>
/// Datagrams between the loop, which receives them, and whoever takes them. While too many wait, nothing is received; when half of them
/// have been taken, receiving goes on.
/// </summary>
internal sealed class DatagramQueue
{
    private const int LargestBatch = 32;

    private readonly Channel<Item> _items;
    private readonly IoSocket _socket;
    private readonly DatagramBatch _batch;
    private readonly IoTask _resume;
    private readonly int _most;
    private int _waiting;
    private int _isStopped;

    internal DatagramQueue(IoSocket socket, DatagramOptions options, ContinuationMode mode)
    {
        _socket = socket;
        _most = options.MaxWaiting;
        _batch = new DatagramBatch(Math.Min(_most, LargestBatch), options.MaxDatagramSize);
        _resume = IoTask.Create(static (queue, status) => queue.OnResume(status), this);
        _items = Channel.CreateUnbounded<Item>(new UnboundedChannelOptions
        {
            // The loop, and whoever puts an error back.
            SingleWriter = false,
            AllowSynchronousContinuations = mode == ContinuationMode.Inline,
        });
    }

    /// <summary>Receives from now on. Loop thread only.</summary>
    internal IoError Start() => _socket.StartReceive(
        _batch, static (_, error, datagrams, state) => ((DatagramQueue)state!).OnReceived(error, datagrams), this);

    /// <summary>Takes no more, and drops what waits. Any thread.</summary>
    internal void End(Exception reason)
    {
        _items.Writer.TryComplete(reason);
        while (_items.Reader.TryRead(out Item item))
        {
            item.Drop();
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    internal async ValueTask<DatagramInfo> TakeAsync(Memory<byte> destination, CancellationToken cancellationToken)
    {
        Item item;
        try
        {
            item = await _items.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException exception) when (exception.InnerException is ObjectDisposedException disposed)
        {
            throw new ObjectDisposedException(disposed.Message, exception);
        }
        catch (ChannelClosedException exception) when (exception.InnerException is IoException failure)
        {
            throw failure.Error.ToException();
        }

        try
        {
            return item.CopyTo(destination);
        }
        finally
        {
            item.Drop();
            OnTaken();
        }
    }

    /// <summary>Takes a datagram that waits; an error is left to who waits for a datagram.</summary>
    internal bool TryTake(Memory<byte> destination, out DatagramInfo datagram)
    {
        datagram = default;
        if (!_items.Reader.TryPeek(out Item item) || item.Error.IsError || !_items.Reader.TryRead(out item))
        {
            return false;
        }

        if (item.Error.IsError)
        {
            // Somebody else has taken the datagram that was seen. An error stands for no datagram in particular: it can as well come later.
            _ = _items.Writer.TryWrite(item);
            return false;
        }

        try
        {
            datagram = item.CopyTo(destination);
            return true;
        }
        finally
        {
            item.Drop();
            OnTaken();
        }
    }

    private void OnReceived(IoError error, DatagramBatch datagrams)
    {
        if (error.Code == IoErrorCode.EventLoopShutdown)
        {
            End(error.ToException());
            return;
        }

        if (error.IsError)
        {
            Add(new Item([], new DatagramInfo(0, false, default), error));
        }

        for (int i = 0; i < datagrams.Count; i++)
        {
            ReceivedDatagram datagram = datagrams[i];
            byte[] data = ArrayPool<byte>.Shared.Rent(datagram.Data.Length);
            datagram.Data.CopyTo(data);
            Add(new Item(data, new DatagramInfo(datagram.Data.Length, datagram.IsTruncated, datagram.Sender), IoError.None));
        }

        if (Volatile.Read(ref _waiting) >= _most)
        {
            // Whoever takes one from now on sees that it is stopped, or has been counted when this looks again.
            _ = _socket.StopReceive();
            Interlocked.Exchange(ref _isStopped, 1);
            ResumeIfTaken();
        }
    }

    private void Add(in Item item)
    {
        Interlocked.Increment(ref _waiting);
        if (!_items.Writer.TryWrite(item))
        {
            item.Drop();
        }
    }

    private void OnTaken()
    {
        Interlocked.Decrement(ref _waiting);
        ResumeIfTaken();
    }

    private void ResumeIfTaken()
    {
        if (Volatile.Read(ref _waiting) <= _most / 2 && Interlocked.Exchange(ref _isStopped, 0) == 1)
        {
            _socket.EventLoop!.Schedule(_resume);
        }
    }

    private void OnResume(IoTaskStatus status)
    {
        if (status == IoTaskStatus.Run && _socket.IsOpen)
        {
            _ = Start();
        }
    }

    /// <summary>A datagram, or an error in place of one.</summary>
    private readonly record struct Item(byte[] Data, DatagramInfo Info, IoError Error)
    {
        internal DatagramInfo CopyTo(Memory<byte> destination)
        {
            if (Error.IsError)
            {
                throw Error.ToException();
            }

            int length = Math.Min(Info.Length, destination.Length);
            Data.AsMemory(0, length).CopyTo(destination);
            return new DatagramInfo(length, Info.IsTruncated || length < Info.Length, Info.Sender);
        }

        internal void Drop()
        {
            if (Data.Length > 0)
            {
                ArrayPool<byte>.Shared.Return(Data);
            }
        }
    }
}
