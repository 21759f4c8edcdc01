using System.Runtime.InteropServices;
using AwsIO.Native.Platform;
using ProcessorKind = System.Runtime.InteropServices.Architecture;

namespace AwsIO.Tests.NativeCalls.Platform;

public sealed class VariadicCallTests
{
    [Theory]
    [InlineData(AbiKind.Darwin, ProcessorKind.Arm64, VariadicPassing.BehindPadding)]
    [InlineData(AbiKind.Darwin, ProcessorKind.X64, VariadicPassing.AsNamed)]
    [InlineData(AbiKind.FreeBsd, ProcessorKind.Arm64, VariadicPassing.AsNamed)]
    [InlineData(AbiKind.FreeBsd, ProcessorKind.X64, VariadicPassing.AsNamed)]
    [InlineData(AbiKind.Linux, ProcessorKind.Arm64, VariadicPassing.AsNamed)]
    [InlineData(AbiKind.Linux, ProcessorKind.X64, VariadicPassing.AsNamed)]
    internal void Only_apples_arm64_pads(AbiKind kernel, ProcessorKind process, VariadicPassing expected) =>
        Assert.Equal(expected, VariadicCall.For(kernel, process));

    [Fact]
    public void A_process_is_asked_and_not_the_machine()
    {
        // Under Rosetta the machine is arm64 and the process x64, which the next line would not see with the machine's architecture.
        Assert.Equal(VariadicPassing.AsNamed, VariadicCall.For(AbiKind.Darwin, ProcessorKind.X64));
        Assert.Equal(VariadicCall.For(Abi.Current.Kind, RuntimeInformation.ProcessArchitecture), VariadicCall.Current);
        Assert.Equal(VariadicCall.Current == VariadicPassing.BehindPadding, VariadicCall.IsPadded);
    }

    [Fact]
    public void Two_named_arguments_and_the_padding_fill_the_eight_registers() => Assert.Equal(8, 2 + VariadicCall.PaddingArguments);
}
