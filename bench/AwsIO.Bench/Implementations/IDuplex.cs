using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace AwsIO.Bench.Implementations;

/// <summary>A socket or a TLS stream. Implemented by structs, so that generic code over it costs no virtual call.</summary>
internal interface IDuplex
{
    ValueTask<int> ReceiveAsync(Memory<byte> buffer);

    /// <summary>Sends all of it.</summary>
    ValueTask SendAsync(ReadOnlyMemory<byte> buffer);
}

internal readonly struct SocketDuplex(Socket socket) : IDuplex
{
    public ValueTask<int> ReceiveAsync(Memory<byte> buffer) => socket.ReceiveAsync(buffer, SocketFlags.None);

    public ValueTask SendAsync(ReadOnlyMemory<byte> buffer)
    {
        ValueTask<int> sent = socket.SendAsync(buffer, SocketFlags.None);
        if (!sent.IsCompletedSuccessfully)
        {
            return FinishAsync(sent, buffer);
        }

        int count = sent.Result;
        return count == buffer.Length ? default : FinishAsync(new ValueTask<int>(count), buffer);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask FinishAsync(ValueTask<int> sent, ReadOnlyMemory<byte> buffer)
    {
        int count = await sent;
        while (count < buffer.Length)
        {
            buffer = buffer[count..];
            count = await socket.SendAsync(buffer, SocketFlags.None);
        }
    }
}

internal readonly struct TlsDuplex(SslStream stream) : IDuplex
{
    public ValueTask<int> ReceiveAsync(Memory<byte> buffer) => stream.ReadAsync(buffer);

    public ValueTask SendAsync(ReadOnlyMemory<byte> buffer) => stream.WriteAsync(buffer);
}
