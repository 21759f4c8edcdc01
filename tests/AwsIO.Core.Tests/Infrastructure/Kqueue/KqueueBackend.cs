using AwsIO.Native.Bsd;
using AwsIO.Native.Platform;

namespace AwsIO.Tests.Infrastructure.Kqueue;

/// <summary>Loops on the kqueue double.</summary>
internal sealed class KqueueBackend : LoopBackend
{
    private readonly KqueueCalls _calls;

    internal KqueueBackend(Abi abi, KqueueFaults faults)
    {
        _calls = KqueueDouble.Calls(abi);
        Faults = faults;
    }

    internal KqueueFaults Faults { get; }

    /// <summary>One on which nothing goes wrong, unless a test asks for it.</summary>
    internal static KqueueBackend Of(Abi abi) => new(abi, new KqueueFaults());

    /// <summary>
    /// One that does what kernels seldom do. Each test has a seed of its own, so that the tests together try many; it stands in the
    /// test's output, and the environment can name it.
    /// </summary>
    internal static KqueueBackend Faulty(KqueueFault kinds, int series)
    {
        string name = TestContext.Current.Test?.TestDisplayName ?? "";
        int seed = series;
        foreach (char c in name)
        {
            seed = unchecked((seed * 31) + c);
        }

        KqueueFaults faults = new(kinds, KqueueFaults.SeedOr(seed & 0xFFFF));
        TestContext.Current.TestOutputHelper?.WriteLine($"{faults}");
        return new KqueueBackend(series % 2 == 0 ? Abi.Darwin : Abi.FreeBsd, faults);
    }

    internal override EventLoopType Type => EventLoopType.Kqueue;

    internal override EventLoopGroup NewGroup(EventLoopGroupOptions options) => KqueueDouble.With(
        Faults, () => new EventLoopGroup(options, settings => KqueueEventLoop.Create(settings, _calls), EventLoopType.Kqueue));
}
