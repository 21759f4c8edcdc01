namespace AwsIO;

/// <summary>What kind of traffic a socket carries (<c>aws_socket_type</c>).</summary>
public enum IoSocketType
{
    /// <summary>A connection that delivers a stream of bytes in order, such as TCP.</summary>
    Stream = 0,

    /// <summary>Datagrams, each delivered whole or not at all: UDP, or a Unix domain socket that keeps the ends of messages.</summary>
    Datagram = 1,
}
