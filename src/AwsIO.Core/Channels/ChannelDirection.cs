namespace AwsIO;

/// <summary>Which way data goes through a channel (<c>aws_channel_direction</c>).</summary>
public enum ChannelDirection
{
    /// <summary>From the socket to the application: left to right.</summary>
    Read = 0,

    /// <summary>From the application to the socket: right to left.</summary>
    Write = 1,
}
