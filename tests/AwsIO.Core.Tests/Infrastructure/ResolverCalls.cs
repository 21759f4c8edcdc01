namespace AwsIO.Tests.Infrastructure;

/// <summary>Look-ups as tasks, and answers for them.</summary>
internal static class ResolverCalls
{
    internal static Task<ResolverAnswer> Ask(this HostResolver resolver, string host, EventLoop loop)
    {
        TaskCompletionSource<ResolverAnswer> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        resolver.Resolve(
            host,
            loop,
            static (name, error, addresses, state) => ((TaskCompletionSource<ResolverAnswer>)state!).SetResult(
                new ResolverAnswer(name, error, addresses, EventLoop.Current)),
            done);
        return done.Task;
    }

    internal static IoResult<IReadOnlyList<HostAddress>> Addresses(string host, params string[] addresses) =>
        new([.. addresses.Select(address => new HostAddress(
            host, address, address.Contains(':', StringComparison.Ordinal) ? AddressKind.AAAA : AddressKind.A))]);
}

internal sealed record ResolverAnswer(string Host, IoError Error, IReadOnlyList<HostAddress> Addresses, EventLoop? CalledOn)
{
    internal IEnumerable<string> Texts => Addresses.Select(static address => address.Address);
}
