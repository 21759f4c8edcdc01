namespace AwsIO.Tests.Messages;

public sealed class SharedMessagePoolTests
{
    [Fact]
    public void Eight_threads_rent_and_release_without_sharing_a_message()
    {
        int broken = 0;
        Parallel.For(0, 8, new ParallelOptions { MaxDegreeOfParallelism = 8 }, thread =>
        {
            for (int i = 0; i < 5000; i++)
            {
                IoMessage message = SharedMessagePool.Instance.Rent(IoMessageKind.ApplicationData, 8);
                message.Append(BitConverter.GetBytes(((long)thread << 32) | (uint)i));
                if (BitConverter.ToInt64(message.Data) != (((long)thread << 32) | (uint)i))
                {
                    Interlocked.Increment(ref broken);
                }

                message.Release();
            }
        });
        Assert.Equal(0, broken);
    }
}
