namespace AwsIO.Tasks.Tests.Infrastructure;

/// <summary>Test data, and the whole of what a connection brings.</summary>
internal static class Bytes
{
    internal static byte[] Random(int count, int seed = 1)
    {
        byte[] bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    /// <summary>Reads exactly so many bytes.</summary>
    internal static async Task<byte[]> Read(this IoConnection connection, int count)
    {
        byte[] bytes = new byte[count];
        for (int done = 0; done < count;)
        {
            int read = await connection.ReadAsync(bytes.AsMemory(done)).Within();
            Assert.NotEqual(0, read);
            done += read;
        }

        return bytes;
    }

    /// <summary>Reads to the end.</summary>
    internal static async Task<byte[]> ReadToEnd(this IoConnection connection, int pieces = 64 * 1024)
    {
        using MemoryStream all = new();
        byte[] buffer = new byte[pieces];
        for (int read; (read = await connection.ReadAsync(buffer).Within()) > 0;)
        {
            all.Write(buffer, 0, read);
        }

        return all.ToArray();
    }

    /// <summary>Writes until a write has to wait: the peer does not read, and all buffers between are full.</summary>
    /// <returns>How many bytes were taken over, and the write that waits.</returns>
    internal static async Task<(long Written, Task Waiting)> WriteUntilItWaits(
        this IoConnection connection, CancellationToken cancellationToken = default)
    {
        byte[] chunk = new byte[48 * 1024];
        long written = 0;
        while (true)
        {
            Task write = connection.WriteAsync(chunk, cancellationToken).AsTask();

            // A write that does not wait for the peer is over once the loops have had their turns.
            await connection.Settle(() => write.IsCompleted);
            if (!write.IsCompleted)
            {
                return (written, write);
            }

            await write;
            written += chunk.Length;
        }
    }

    /// <summary>
    /// Lets all loops come to rest: their tasks are run, and their sockets have told what there was, some turns in a row, or until
    /// something holds.
    /// </summary>
    internal static async Task Settle(this IoConnection connection, Func<bool> until)
    {
        EventLoopGroup group = connection.EventLoop.Group!;
        for (int turn = 0; turn < 50 && !until(); turn++)
        {
            for (int i = 0; i < group.Count; i++)
            {
                await group[i].Call(() => { });
            }
        }
    }
}
