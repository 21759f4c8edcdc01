namespace AwsIO.Tests.Torture;

/// <summary>Bytes of which none stands where another would.</summary>
internal static class Bytes
{
    internal static byte[] Some(int count)
    {
        byte[] bytes = new byte[count];
        new Random(5).NextBytes(bytes);
        return bytes;
    }
}
