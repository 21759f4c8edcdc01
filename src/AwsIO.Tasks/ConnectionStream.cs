namespace AwsIO.Tasks;

/// <summary>A connection as a <see cref="Stream"/>.</summary>
internal sealed class ConnectionStream(IoConnection connection) : Stream
{
    private bool _disposed;

    public override bool CanRead => !_disposed;

    public override bool CanSeek => false;

    public override bool CanWrite => !_disposed;

    public override bool CanTimeout => true;

    public override int ReadTimeout
    {
        get => ToMilliseconds(connection.ReadTimeout);
        set => connection.ReadTimeout = TimeSpan.FromMilliseconds(value);
    }

    public override int WriteTimeout
    {
        get => ToMilliseconds(connection.WriteTimeout);
        set => connection.WriteTimeout = TimeSpan.FromMilliseconds(value);
    }

    public override long Length => throw new NotSupportedException("A connection has no length.");

    public override long Position
    {
        get => throw new NotSupportedException("A connection has no position.");
        set => throw new NotSupportedException("A connection cannot seek.");
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        connection.ReadAsync(buffer, cancellationToken);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        ValidateBufferArguments(buffer, offset, count);
        return connection.ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        ValidateBufferArguments(buffer, offset, count);
        ThrowIfOnLoop();
        return Block(connection.ReadAsync(buffer.AsMemory(offset, count)).AsTask());
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        connection.WriteAsync(buffer, cancellationToken);

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        ValidateBufferArguments(buffer, offset, count);
        return connection.WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }

    public override void Write(byte[] buffer, int offset, int count)
    {
        ValidateBufferArguments(buffer, offset, count);
        ThrowIfOnLoop();
        _ = Block(AsResult(connection.WriteAsync(buffer.AsMemory(offset, count))));
    }

    // What was written is on its way already.
    public override void Flush()
    {
    }

    public override Task FlushAsync(CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested ? Task.FromCanceled(cancellationToken) : Task.CompletedTask;

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException("A connection cannot seek.");

    public override void SetLength(long value) => throw new NotSupportedException("A connection has no length.");

    public override async ValueTask DisposeAsync()
    {
        _disposed = true;
        await connection.DisposeAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _disposed = true;
            connection.Dispose();
        }

        base.Dispose(disposing);
    }

    // At least 1: 0 is no timeout.
    private static int ToMilliseconds(TimeSpan timeout) => timeout == Timeout.InfiniteTimeSpan
        ? Timeout.Infinite
        : (int)Math.Clamp(timeout.TotalMilliseconds, 1, int.MaxValue);

    private static async Task<bool> AsResult(ValueTask write)
    {
        await write.ConfigureAwait(false);
        return true;
    }

    // Before the operation starts: nobody would take its result.
    private static void ThrowIfOnLoop()
    {
        if (EventLoop.Current is { } loop)
        {
            throw new InvalidOperationException(
                $"A synchronous call of a connection's stream would block {loop.Name}: use the asynchronous form.");
        }
    }

    [System.Diagnostics.CodeAnalysis.SuppressMessage(
        "Usage", "VSTHRD002", Justification = "The synchronous half of Stream blocks by contract, and never on a loop.")]
    private static T Block<T>(Task<T> task) => task.GetAwaiter().GetResult();
}
