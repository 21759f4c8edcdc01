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

    /// <summary>More than all buffers between two ends have room for: a write of it waits until the peer reads.</summary>
    internal static readonly byte[] TooMuch = new byte[64 * 1024 * 1024];

    /// <summary>Starts a write that waits until the peer reads, and has it fill all buffers.</summary>
    /// <returns>The write.</returns>
    internal static async Task<Task> WriteTooMuch(this IoConnection connection, CancellationToken cancellationToken = default)
    {
        Task write = connection.WriteAsync(TooMuch, cancellationToken).AsTask();
        await connection.Settle();
        Assert.False(write.IsCompleted);
        return write;
    }

    /// <summary>Fills all buffers between both ends, and gives the rest up.</summary>
    internal static async Task Fill(this IoConnection connection)
    {
        using CancellationTokenSource cancel = new();
        Task write = await connection.WriteTooMuch(cancel.Token);
        await cancel.CancelAsync();
        await write.Fails<OperationCanceledException>();
    }

    /// <summary>Writes pieces until one has to wait for the peer to read.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="size">A piece's size.</param>
    /// <param name="onLoop">Whether the writes are made on the connection's loop.</param>
    /// <returns>The write that waits.</returns>
    internal static async Task<Task> WritePiecesUntilOneWaits(this IoConnection connection, int size, bool onLoop = false)
    {
        byte[] piece = new byte[size];
        while (true)
        {
            Task write = onLoop
                ? await connection.EventLoop.Call(() => connection.WriteAsync(piece).AsTask())
                : connection.WriteAsync(piece).AsTask();
            for (int i = 0; i < 10 && !write.IsCompleted; i++)
            {
                await Task.WhenAny(write, connection.Settle());
            }

            if (!write.IsCompleted)
            {
                return write;
            }

            await write;
        }
    }

    /// <summary>
    /// Fills all buffers between both ends so that a flush waits for good. The system's own buffers grow, and its acknowledgements may take
    /// 40 ms, so only time tells that nothing moves any more.
    /// </summary>
    internal static async Task FillUntilNothingMoves(this IoConnection connection)
    {
        Exception? stuck = null;
        while (stuck is null)
        {
            connection.WriteTimeout = Timeout.InfiniteTimeSpan;
            await connection.Fill();
            connection.WriteTimeout = TimeSpan.FromMilliseconds(300);
            stuck = await Record.ExceptionAsync(() => connection.FlushAsync().Within());
        }

        Assert.Equal(IoErrorCode.SocketTimeout, Assert.IsType<IoException>(stuck).ErrorCode);
        connection.WriteTimeout = Timeout.InfiniteTimeSpan;
    }

    /// <summary>Gives all loops some turns.</summary>
    internal static async Task Settle(this IoConnection connection)
    {
        EventLoopGroup group = connection.EventLoop.Group!;
        for (int turn = 0; turn < 50; turn++)
        {
            for (int i = 0; i < group.Count; i++)
            {
                await group[i].Call(() => { });
            }
        }
    }
}
