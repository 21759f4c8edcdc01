using System.Collections.Concurrent;

namespace AwsIO.Tasks;

/// <summary>Sends of one socket that are over. Any thread.</summary>
internal sealed class DatagramSendPool(IoSocket socket, ContinuationMode mode)
{
    private const int MaxFree = 64;

    private readonly ConcurrentQueue<DatagramSend> _free = new();
    private int _count;

    internal DatagramSend Rent()
    {
        if (_free.TryDequeue(out DatagramSend? send))
        {
            Interlocked.Decrement(ref _count);
            return send;
        }

        return new DatagramSend(this, socket, mode);
    }

    internal void Return(DatagramSend send)
    {
        if (Interlocked.Increment(ref _count) <= MaxFree)
        {
            _free.Enqueue(send);
        }
        else
        {
            Interlocked.Decrement(ref _count);
        }
    }
}
