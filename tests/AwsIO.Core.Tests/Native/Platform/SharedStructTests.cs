using System.Runtime.CompilerServices;
using AwsIO.Native.Platform;
using AwsIO.Native.Unix;

namespace AwsIO.Tests.NativeCalls.Platform;

/// <summary>Structures that src declares once, as Linux has them, and hands to every platform.</summary>
public sealed unsafe class SharedStructTests
{
    [Fact]
    public void A_message_header_with_vectors_alone_means_the_same_everywhere()
    {
        IoVector vector;
        MessageHeader header = default;
        header.Vectors = &vector;
        header.VectorCount = 7;
        byte* bytes = (byte*)&header;
        foreach (Abi abi in AbiTable.All)
        {
            StructLayouts layout = abi.Layouts;
            Assert.True(layout.MessageHeaderSize <= sizeof(MessageHeader));
            Assert.Equal(0, *(nint*)bytes);
            Assert.Equal(0, *(int*)(bytes + 8));
            Assert.Equal((nint)(&vector), *(nint*)(bytes + 16));
            Assert.Equal(7, Number(bytes + layout.MessageVectorCountOffset, layout.MessageVectorCountSize));
            Assert.Equal(0, *(nint*)(bytes + layout.MessageControlOffset));
            Assert.Equal(0, Number(bytes + layout.MessageControlLengthOffset, layout.MessageControlLengthSize));
            Assert.Equal(0, *(int*)(bytes + layout.MessageFlagsOffset));
        }
    }

    [Fact]
    public void An_address_information_differs_in_the_order_of_two_pointers_only()
    {
        Assert.Equal(ResolverNumbers.AddrInfoSize, sizeof(AddrInfo));
        AddrInfo info = default;
        info.SocketType = 1;
        info.AddressLength = 2;
        info.Address = (byte*)3;
        info.CanonicalName = (byte*)4;
        info.Next = (AddrInfo*)5;
        byte* bytes = (byte*)&info;
        Assert.Equal(1, *(int*)(bytes + ResolverNumbers.SocketTypeOffset));
        Assert.Equal(2u, *(uint*)(bytes + ResolverNumbers.AddressLengthOffset));
        Assert.Equal(5, *(nint*)(bytes + ResolverNumbers.NextOffset));
        ResolverNumbers linux = Abi.Linux.Resolver;
        Assert.Equal((3, 4), (*(nint*)(bytes + linux.AddressOffset), *(nint*)(bytes + linux.CanonicalNameOffset)));
        foreach (Abi bsd in new[] { Abi.Darwin, Abi.FreeBsd })
        {
            Assert.Equal((4, 3), (*(nint*)(bytes + bsd.Resolver.AddressOffset), *(nint*)(bytes + bsd.Resolver.CanonicalNameOffset)));
        }

        Assert.Equal(Abi.IsLinux ? 3 : 4, (nint)info.SocketAddress);
    }

    [Theory]
    [InlineData(2, Libc.TryAgain)]
    [InlineData(4, Libc.UnrecoverableFailure)]
    [InlineData(6, Libc.OutOfMemory)]
    [InlineData(8, Libc.NameNotFound)]
    [InlineData(11, Libc.SystemFailure)]
    [InlineData(999, 999)]
    public void A_look_ups_failure_has_linuxs_number_inside_and_its_own_outside(int native, int canonical)
    {
        foreach (Abi bsd in new[] { Abi.Darwin, Abi.FreeBsd })
        {
            Assert.Equal(canonical, bsd.Resolver.ToCanonical(native));
            Assert.Equal(native, bsd.Resolver.ToNative(canonical));
        }
    }

    [Fact]
    public void A_bsd_has_one_failure_for_no_name_and_no_data() => Assert.Equal(8, Abi.Darwin.Resolver.ToNative(Libc.NoData));

    [Fact]
    public void A_vector_has_two_words_everywhere() => Assert.Equal(16, Unsafe.SizeOf<IoVector>());

    private static long Number(byte* at, int size) => size == 4 ? *(int*)at : *(long*)at;
}
