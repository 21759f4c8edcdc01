using System.Net.Sockets;
using System.Threading.Channels;
using AwsIO.Tests.Infrastructure.Connections;

namespace AwsIO.Tests.Infrastructure.Proxies;

/// <summary>One direction of a connection through a proxy: one task reads into a line, one writes what is due.</summary>
internal sealed class ProxyDirection(ProxyPlan plan, Action<ProxyCut> cut) : IDisposable
{
    private const int ReadSize = 64 * 1024;

    private readonly Channel<Arrival> _line = Channel.CreateBounded<Arrival>(16);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _discarding = new();
    private long _passed;

    /// <summary>How many bytes have gone on.</summary>
    internal long Passed => Interlocked.Read(ref _passed);

    /// <summary>Set with the number of bytes that went on before, once the direction stands still.</summary>
    internal Signal<long> Stalled { get; } = new();

    /// <summary>Set with the number of bytes that went on before, once this direction has cut the connection.</summary>
    internal Signal<long> WasCut { get; } = new();

    /// <summary>Lets a stalled direction go on, or one that would stall later.</summary>
    internal void Release() => _released.TrySetResult();

    /// <summary>Has everything that comes from now on thrown away.</summary>
    internal void Discard() => _discarding.Cancel();

    /// <summary>Once it does not run any more.</summary>
    public void Dispose() => _discarding.Dispose();

    internal Task Run(Socket from, Socket to) => Task.WhenAll(Read(from), Write(to));

    private async Task Read(Socket from)
    {
        byte[] buffer = new byte[ReadSize];
        Arrival arrival;
        do
        {
            try
            {
                int count = await from.ReceiveAsync(buffer);
                arrival = new Arrival(buffer.AsSpan(0, count).ToArray(), IsReset: false, Due());
            }
            catch (SocketException exception)
            {
                arrival = new Arrival([], exception.SocketErrorCode == SocketError.ConnectionReset, Due());
            }
            catch (ObjectDisposedException)
            {
                arrival = new Arrival([], IsReset: false, Due());
            }

            await _line.Writer.WriteAsync(arrival);
        }
        while (arrival.Data.Length > 0);

        _line.Writer.Complete();
    }

    private long Due() => Environment.TickCount64 + (long)plan.Delay.TotalMilliseconds;

    private async Task Write(Socket to)
    {
        try
        {
            await WriteAll(to);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // Who was to have it has gone, or the connection was cut.
        }

        await foreach (Arrival _ in _line.Reader.ReadAllAsync())
        {
            // To the end: what a peer says after a cut is not to stop up its connection.
        }
    }

    private async Task WriteAll(Socket to)
    {
        List<byte> waiting = [];
        await PassOn(to, waiting, atLeast: 1);
        await foreach (Arrival arrival in _line.Reader.ReadAllAsync(_discarding.Token))
        {
            long left = arrival.Due - Environment.TickCount64;
            if (left > 0)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(left), _discarding.Token);
            }

            waiting.AddRange(arrival.Data);
            bool isOver = arrival.Data.Length == 0;
            await PassOn(to, waiting, isOver ? 1 : plan.JoinTo);
            if (arrival.IsReset)
            {
                cut(ProxyCut.Reset);
            }
            else if (isOver)
            {
                to.Shutdown(SocketShutdown.Send);
            }
        }
    }

    /// <summary>Sends what waits, in pieces, if there is enough of it; stops at the places that the plan names.</summary>
    private async Task PassOn(Socket to, List<byte> waiting, int atLeast)
    {
        while (true)
        {
            if (plan.CutAfter is { } end && Passed >= end)
            {
                cut(plan.Cut);
                WasCut.Set(Passed);
            }

            _discarding.Token.ThrowIfCancellationRequested();
            if (plan.StallAfter is { } stop && Passed >= stop && !_released.Task.IsCompleted)
            {
                Stalled.Set(Passed);
                await _released.Task.WaitAsync(_discarding.Token);
            }

            if (waiting.Count < atLeast)
            {
                return;
            }

            int size = Math.Min(waiting.Count, plan.NextPiece?.Invoke() ?? waiting.Count);
            size = UpTo(size, plan.CutAfter);
            size = _released.Task.IsCompleted ? size : UpTo(size, plan.StallAfter);
            byte[] piece = [.. waiting.Take(size)];
            waiting.RemoveRange(0, size);
            for (int sent = 0; sent < size;)
            {
                sent += await to.SendAsync(piece.AsMemory(sent), SocketFlags.None, _discarding.Token);
            }

            Interlocked.Add(ref _passed, size);
            atLeast = 1;
        }
    }

    private int UpTo(int size, long? place) => place is { } limit ? (int)Math.Min(size, limit - Passed) : size;

    private readonly record struct Arrival(byte[] Data, bool IsReset, long Due);
}
