namespace AwsIO.Tests.Infrastructure.Connections;

internal static class Payload
{
    /// <summary>Bytes in which no two places look alike, so that loss and reordering show.</summary>
    internal static byte[] Of(int length, int seed = 1)
    {
        byte[] bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
