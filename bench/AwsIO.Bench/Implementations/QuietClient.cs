using System.Diagnostics;
using AwsIO.Bench.Measuring;
using AwsIO.Bench.Running;

namespace AwsIO.Bench.Implementations;

/// <summary>A client of <see cref="SocketsWorkload"/> that sends a message when it is told to, and counts it back.</summary>
internal sealed class QuietClient<TDuplex>(TDuplex connection, WorkloadOptions options, LoadMeter meter)
    where TDuplex : struct, IDuplex
{
    private readonly byte[] _payload = new byte[options.Size];
    private long _started;
    private int _isUnderWay;

    /// <summary>Sends, unless a message is still under way.</summary>
    public void Start()
    {
        if (Interlocked.Exchange(ref _isUnderWay, 1) == 0)
        {
            Volatile.Write(ref _started, Stopwatch.GetTimestamp());
            _ = SendAsync();
        }
    }

    public async Task ReceiveAsync()
    {
        byte[] buffer = new byte[options.ReadSize];
        int received = 0;
        while (await connection.ReceiveAsync(buffer) is var count and > 0)
        {
            received += count;
            if (received >= _payload.Length)
            {
                received = 0;
                meter.Current.RoundTrip(_payload.Length, Volatile.Read(ref _started), Stopwatch.GetTimestamp());
                Volatile.Write(ref _isUnderWay, 0);
            }
        }
    }

    private async Task SendAsync()
    {
        try
        {
            await connection.SendAsync(_payload);
        }
        catch (Exception)
        {
            // A connection that breaks is told of by the reading side.
        }
    }
}
