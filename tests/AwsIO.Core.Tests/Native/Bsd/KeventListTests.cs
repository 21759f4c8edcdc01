using AwsIO.Native.Bsd;
using AwsIO.Native.Platform;

namespace AwsIO.Tests.NativeCalls.Bsd;

public sealed unsafe class KeventListTests
{
    [Theory]
    [InlineData(AbiKind.Darwin, 32)]
    [InlineData(AbiKind.FreeBsd, 64)]
    internal void An_event_is_read_where_its_platform_writes_it(AbiKind kind, int size)
    {
        using KeventList list = new((kind == AbiKind.Darwin ? Abi.Darwin : Abi.FreeBsd).Kqueue!, 3);
        Assert.Equal(3, list.Capacity);
        for (int i = 0; i < 3; i++)
        {
            // As the kernel would: field by field, at the headers' offsets.
            byte* at = list.Memory + (i * size);
            *(ulong*)at = 7;
            *(short*)(at + 8) = (short)(-1 - i);
            *(ushort*)(at + 10) = (ushort)(0x8000 + i);
            *(uint*)(at + 12) = 0xFEED_0000u + (uint)i;
            *(long*)(at + 16) = -5 - i;
            *(ulong*)(at + 24) = 0xFEDC_BA98_7654_3210 + (ulong)i;
        }

        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(-1 - i, list.Filter(i));
            Assert.Equal(0x8000 + i, list.Flags(i));
            Assert.Equal(0xFEED_0000u + (uint)i, list.FilterFlags(i));
            Assert.Equal(-5L - i, KeventList.Data(list.Memory + (i * size)));
            Assert.Equal(0xFEDC_BA98_7654_3210 + (ulong)i, list.UserData(i));
        }
    }

    [Fact]
    public void A_change_has_the_bytes_that_the_kernel_reads()
    {
        byte* change = stackalloc byte[KeventList.MaxEventSize];
        new Span<byte>(change, KeventList.MaxEventSize).Clear();
        *(long*)(change + 16) = -1;
        KeventList.Write(change, 5, KqueueNumbers.FilterWrite, KqueueNumbers.Add | KqueueNumbers.Clear, 0x0100_0000, 0x1122_3344_5566_7788);

        const string expected = "05-00-00-00-00-00-00-00-FE-FF-21-00-00-00-00-01-00-00-00-00-00-00-00-00-88-77-66-55-44-33-22-11";
        Assert.Equal(expected, BitConverter.ToString(new ReadOnlySpan<byte>(change, 32).ToArray()));
        Assert.Equal(new byte[32], new ReadOnlySpan<byte>(change + 32, 32).ToArray());
        Assert.Equal(0x21, KeventList.Flags(change));
    }

    [Fact]
    public void The_timeout_has_two_words() =>
        Assert.Equal((16, 8), (sizeof(KqueueTimeout), (int)System.Runtime.InteropServices.Marshal.OffsetOf<KqueueTimeout>("Nanoseconds")));
}
