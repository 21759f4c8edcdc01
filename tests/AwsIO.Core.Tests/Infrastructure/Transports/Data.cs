namespace AwsIO.Tests.Infrastructure.Transports;

/// <summary>Bytes that tell their place, so that a lost, doubled or moved one shows.</summary>
internal static class Data
{
    internal static byte[] Pattern(int size, int start = 0)
    {
        byte[] bytes = new byte[size];
        for (int i = 0; i < size; i++)
        {
            bytes[i] = At(start + i);
        }

        return bytes;
    }

    internal static void AssertPattern(ReadOnlySpan<byte> bytes, int size)
    {
        Assert.Equal(size, bytes.Length);
        for (int i = 0; i < size; i++)
        {
            if (bytes[i] != At(i))
            {
                Assert.Fail($"Byte {i} of {size} is {bytes[i]}, not {At(i)}.");
            }
        }
    }

    // 251 is prime: no buffer size is a multiple of the pattern.
    private static byte At(int index) => (byte)((index % 251) ^ (index >> 16));
}
