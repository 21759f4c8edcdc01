using System.Diagnostics;

namespace AwsIO.Tool.Demo;

/// <summary>Sends a few bytes, waits for them, and starts again until the time is over.</summary>
internal sealed class RoundTrips(int size, TimeSpan duration) : Exchange
{
    private const int MaxSamples = 1 << 20;

    private readonly byte[] _request = CreateRequest(size);
    private readonly List<long> _samples = [];
    private int _received;
    private long _begin;
    private long _sent;

    internal int Count { get; private set; }

    internal TimeSpan Elapsed { get; private set; }

    /// <summary>The time that a share of the round trips took at the most.</summary>
    internal TimeSpan Percentile(double share)
    {
        _samples.Sort();
        return Stopwatch.GetElapsedTime(0, _samples[(int)((_samples.Count - 1) * share)]);
    }

    internal override void Start(EchoClient client)
    {
        _begin = Stopwatch.GetTimestamp();
        Send(client);
    }

    internal override void OnData(EchoClient client, ReadOnlySpan<byte> data)
    {
        if (data.Length > size - _received || !data.SequenceEqual(_request.AsSpan(_received, data.Length)))
        {
            FailWith($"The echo differs from what was sent, after {Count} round trips.");
            return;
        }

        _received += data.Length;
        if (_received < size)
        {
            return;
        }

        long now = Stopwatch.GetTimestamp();
        Count++;
        if (_samples.Count < MaxSamples)
        {
            _samples.Add(now - _sent);
        }

        Elapsed = Stopwatch.GetElapsedTime(_begin, now);
        if (Elapsed >= duration)
        {
            Done();
            return;
        }

        Progress = Elapsed / duration;
        Send(client);
    }

    private static byte[] CreateRequest(int size)
    {
        byte[] request = new byte[size];
        new Random(size).NextBytes(request);
        return request;
    }

    private void Send(EchoClient client)
    {
        _received = 0;
        _sent = Stopwatch.GetTimestamp();
        client.Send(_request);
    }
}
