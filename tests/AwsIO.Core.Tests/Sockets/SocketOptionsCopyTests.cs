using System.Reflection;

namespace AwsIO.Tests.Sockets;

/// <summary>Sockets share a copy of the options that they are made from, as long as these stay what they were.</summary>
public sealed class SocketOptionsCopyTests
{
    public static TheoryData<string> Properties => new(
        from property in typeof(SocketOptions).GetProperties(BindingFlags.Public | BindingFlags.Instance)
        where property.CanWrite
        select property.Name);

    [Fact]
    public void Options_that_have_not_changed_give_the_same_copy()
    {
        SocketOptions options = new() { KeepAlive = true };
        SocketOptions copy = options.Freeze(SocketDomain.IPv4);
        Assert.NotSame(options, copy);
        Assert.Same(copy, options.Freeze(SocketDomain.IPv4));
        Assert.Same(copy, copy.Freeze(SocketDomain.IPv4));
        Assert.True(copy.KeepAlive);
    }

    [Theory]
    [MemberData(nameof(Properties))]
    public void A_change_of_any_option_reaches_the_next_socket_and_none_before(string name)
    {
        PropertyInfo property = typeof(SocketOptions).GetProperty(name)!;
        SocketOptions options = new();
        SocketOptions before = options.Freeze(options.Domain);
        object? first = property.GetValue(before);
        property.SetValue(options, Another(property.PropertyType, first));
        SocketOptions after = options.Freeze(options.Domain);
        Assert.NotSame(before, after);
        Assert.Equal(first, property.GetValue(before));
        Assert.Equal(property.GetValue(options), property.GetValue(after));
    }

    [Fact]
    public void Each_kind_of_address_has_a_copy_of_its_own()
    {
        SocketOptions options = new();
        SocketOptions copy = options.Freeze(SocketDomain.IPv6);
        Assert.Equal(SocketDomain.IPv6, copy.Domain);
        Assert.Equal(SocketDomain.IPv4, options.Domain);
        Assert.Equal(SocketDomain.Local, copy.Freeze(SocketDomain.Local).Domain);
        Assert.Equal(SocketDomain.IPv6, copy.Domain);
    }

    [Fact]
    public void A_list_of_raw_options_that_changes_later_changes_no_socket()
    {
        List<RawSocketOption> list = [new(1, 2, new byte[] { 3 })];
        SocketOptions options = new() { RawOptions = list };
        SocketOptions before = options.Freeze(options.Domain);
        list.Add(new(4, 5, new byte[] { 6 }));
        Assert.Single(before.RawOptions);
        Assert.Equal(2, options.Freeze(options.Domain).RawOptions.Count);
        Assert.Same(before, before.Freeze(options.Domain));
    }

    private static object Another(Type type, object? value)
    {
        Type inner = Nullable.GetUnderlyingType(type) ?? type;
        return inner switch
        {
            _ when inner == typeof(bool) => value is not true,
            _ when inner == typeof(int) => 5,
            _ when inner == typeof(string) => "lo",
            _ when inner == typeof(TimeSpan) => TimeSpan.FromSeconds(7),
            _ when inner == typeof(SocketEndpoint) => SocketEndpoint.Tcp("127.0.0.1", 9),
            _ when inner.IsEnum => Enum.GetValues(inner).Cast<object>().First(other => !other.Equals(value)),
            _ when inner == typeof(IReadOnlyList<RawSocketOption>) => new RawSocketOption[] { new(1, 2, new byte[] { 3 }) },
            _ => throw new NotSupportedException($"A value of type {inner} is wanted."),
        };
    }
}
