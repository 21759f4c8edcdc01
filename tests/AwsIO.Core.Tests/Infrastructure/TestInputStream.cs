using System.Collections.Concurrent;

namespace AwsIO.Tests.Infrastructure;

/// <summary>A stream over an array that completes its reads at once, on a thread of its own, or now so now so.</summary>
internal sealed class TestInputStream : AsyncInputStream, IDisposable
{
    private readonly byte[] _data;
    private readonly Completes _how;
    private readonly int _maxRead;
    private readonly Random _random = new(11);
    private readonly BlockingCollection<Action> _work = [];
    private readonly Thread? _thread;
    private int _position;

    internal TestInputStream(byte[] data, Completes how, int maxRead)
    {
        _data = data;
        _how = how;
        _maxRead = maxRead;
        if (how != Completes.AtOnce)
        {
            _thread = new Thread(() =>
            {
                foreach (Action work in _work.GetConsumingEnumerable())
                {
                    work();
                }
            });
            _thread.IsBackground = true;
            _thread.Start();
        }
    }

    internal enum Completes
    {
        AtOnce,
        OnThread,
        Randomly,
    }

    internal bool EndNeedsExtraRead { get; init; }

    internal int FailAt { get; init; } = -1;

    internal int ThrowAt { get; init; } = -1;

    internal int Reads { get; private set; }

    public void Dispose()
    {
        _work.CompleteAdding();
        _thread?.Join();
        _work.Dispose();
    }

    protected override Future<bool> ReadSome(IoBuffer buffer)
    {
        Reads++;
        if (_position == ThrowAt)
        {
            throw new FormatException("on purpose");
        }

        Future<bool> read = new();
        if (_how == Completes.AtOnce || (_how == Completes.Randomly && _random.Next(2) == 0))
        {
            Complete(read, buffer);
        }
        else
        {
            _work.Add(() => Complete(read, buffer));
        }

        return read;
    }

    private void Complete(Future<bool> read, IoBuffer buffer)
    {
        if (_position == FailAt)
        {
            read.TrySetError(new IoError(IoErrorCode.StreamReadFailed, 5, "on purpose"));
            return;
        }

        bool wasAtEnd = _position == _data.Length;
        _position += buffer.Append(_data.AsSpan(_position, Math.Min(_maxRead, _data.Length - _position)));
        read.TrySetResult(EndNeedsExtraRead ? wasAtEnd : _position == _data.Length);
    }
}
