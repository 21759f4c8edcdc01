using System.Diagnostics;

namespace AwsIO.Tool.Demo;

/// <summary>Sends much, with a bounded part of it on its way, and compares every byte that comes back with the one that was sent.</summary>
internal sealed class Bulk(long size) : Exchange
{
    // A prime, so that no loss or exchange of whole blocks goes unseen.
    private const int PatternSize = 1_000_003;
    private const int MaxOnTheWay = 1024 * 1024;
    private const int Portion = 64 * 1024;

    private readonly byte[] _pattern = CreatePattern();
    private long _begin;
    private long _sent;
    private long _received;

    internal TimeSpan Elapsed { get; private set; }

    internal override void Start(EchoClient client)
    {
        _begin = Stopwatch.GetTimestamp();
        SendMore(client);
    }

    internal override void OnData(EchoClient client, ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty)
        {
            int offset = (int)(_received % PatternSize);
            int count = Math.Min(data.Length, PatternSize - offset);
            int same = data[..count].CommonPrefixLength(_pattern.AsSpan(offset, count));
            _received += same;
            if (same < count || _received > size)
            {
                FailWith($"The echo differs from what was sent at byte {_received}.");
                return;
            }

            data = data[count..];
        }

        Progress = (double)_received / size;
        if (_received == size)
        {
            Elapsed = Stopwatch.GetElapsedTime(_begin);
            Done();
        }
        else
        {
            SendMore(client);
        }
    }

    private static byte[] CreatePattern()
    {
        byte[] pattern = new byte[PatternSize];
        new Random(PatternSize).NextBytes(pattern);
        return pattern;
    }

    private void SendMore(EchoClient client)
    {
        while (_sent < size && _sent - _received + Portion <= MaxOnTheWay)
        {
            int offset = (int)(_sent % PatternSize);
            int count = (int)Math.Min(Math.Min(Portion, PatternSize - offset), size - _sent);
            if (!client.Send(_pattern.AsSpan(offset, count)))
            {
                return;
            }

            _sent += count;
        }
    }
}
