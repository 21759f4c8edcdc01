using AwsIO.Native.Unix;

namespace AwsIO.Tests.Infrastructure;

/// <summary>
/// A pipe of the system, non-blocking at both ends, as something that loops can be subscribed to. Those of a test that failed before it
/// closed them go with the collector.
/// </summary>
internal sealed unsafe class TestPipe : IDisposable
{
    private bool _readerClosed;
    private bool _writerClosed;

    internal TestPipe()
    {
        int* ends = stackalloc int[2];
        int result = Libc.Pipe(ends);
        if (result != 0)
        {
            GC.SuppressFinalize(this);
        }

        Assert.Equal(0, result);
        Reader = new IoHandle(ends[0]);
        Writer = new IoHandle(ends[1]);
    }

    ~TestPipe() => Close();

    internal IoHandle Reader { get; }

    internal IoHandle Writer { get; }

    /// <summary>Writes so many bytes, which there is room for: a fault plan may have them go in parts.</summary>
    internal void Write(int count = 1)
    {
        byte[] bytes = new byte[count];
        fixed (byte* start = bytes)
        {
            int written = 0;
            for (int attempts = 1000; written < count && attempts > 0; attempts--)
            {
                nint result = Libc.Write(Writer.Descriptor, start, (nuint)(count - written));
                Assert.True(result > 0 || result == -Errno.EAGAIN, $"Writing to a pipe failed: {result}");
                written += Math.Max((int)result, 0);
            }

            Assert.Equal(count, written);
        }
    }

    /// <summary>Reads what there is.</summary>
    internal int Drain()
    {
        byte* buffer = stackalloc byte[4096];
        int total = 0;
        while (true)
        {
            nint count = Libc.Read(Reader.Descriptor, buffer, 4096);
            if (count <= 0)
            {
                return total;
            }

            total += (int)count;
        }
    }

    internal void CloseReader()
    {
        if (!_readerClosed)
        {
            _readerClosed = true;
            _ = Libc.Close(Reader.Descriptor);
        }
    }

    internal void CloseWriter()
    {
        if (!_writerClosed)
        {
            _writerClosed = true;
            _ = Libc.Close(Writer.Descriptor);
        }
    }

    public void Dispose()
    {
        Close();
        GC.SuppressFinalize(this);
    }

    private void Close()
    {
        CloseReader();
        CloseWriter();
    }
}
