using System.Runtime.InteropServices;

namespace AwsIO.Native.Platform;

/// <summary>How the last argument of <c>fcntl</c> and <c>ioctl</c>, which C declares with three dots, is passed.</summary>
internal enum VariadicPassing
{
    /// <summary>As any other argument: in the next register.</summary>
    AsNamed,

    /// <summary>
    /// On the stack, where the callee looks for it, though registers are free. A declaration without dots puts it there only when eight
    /// arguments before it have filled the registers, six of them without meaning.
    /// </summary>
    BehindPadding,
}

/// <summary>
/// Chooses between the two declarations of a variadic function. The wrong one is silent: the callee reads what happens to lie
/// in the other place.
/// </summary>
internal static class VariadicCall
{
    /// <summary>Arguments without meaning between the two named ones and the variadic one: registers x2 to x7.</summary>
    internal const int PaddingArguments = 6;

    /// <summary>What this process needs.</summary>
    internal static readonly VariadicPassing Current = For(Abi.Current.Kind, RuntimeInformation.ProcessArchitecture);

    /// <summary>Whether this process pads; a constant for the JIT.</summary>
    internal static readonly bool IsPadded = Current == VariadicPassing.BehindPadding;

    /// <summary>What a process needs.</summary>
    /// <param name="kernel">The system.</param>
    /// <param name="process">
    /// The architecture of the process, not of the machine: what runs under Rosetta on an arm64 machine calls as on x64.
    /// </param>
    internal static VariadicPassing For(AbiKind kernel, Architecture process) =>
        kernel == AbiKind.Darwin && process == Architecture.Arm64 ? VariadicPassing.BehindPadding : VariadicPassing.AsNamed;
}
