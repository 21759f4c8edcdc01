namespace AwsIO;

/// <summary>A socket option by its numbers, for what <see cref="SocketOptions"/> does not name.</summary>
public sealed class RawSocketOption
{
    /// <summary>An option of any form.</summary>
    /// <param name="level">Its level, such as IPPROTO_TCP, as this platform numbers it.</param>
    /// <param name="name">Its number, as this platform has it.</param>
    /// <param name="value">Its value, byte for byte.</param>
    public RawSocketOption(int level, int name, ReadOnlyMemory<byte> value)
    {
        Level = level;
        Name = name;
        Value = value;
    }

    /// <summary>An option that is a C int.</summary>
    /// <param name="level">Its level, such as IPPROTO_TCP, as this platform numbers it.</param>
    /// <param name="name">Its number, as this platform has it.</param>
    /// <param name="value">Its value.</param>
    public RawSocketOption(int level, int name, int value)
        : this(level, name, BitConverter.GetBytes(value))
    {
    }

    /// <summary>The option's level.</summary>
    public int Level { get; }

    /// <summary>The option's number.</summary>
    public int Name { get; }

    /// <summary>The option's value, byte for byte.</summary>
    public ReadOnlyMemory<byte> Value { get; }
}
