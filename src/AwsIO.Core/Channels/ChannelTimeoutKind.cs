namespace AwsIO;

/// <summary>What has not happened for too long: see <see cref="ChannelTimeoutOptions"/>.</summary>
public enum ChannelTimeoutKind
{
    /// <summary>Nothing came from the peer.</summary>
    Read = 0,

    /// <summary>The peer took nothing of what waits to be sent.</summary>
    Write = 1,

    /// <summary>Nothing came and nothing was written.</summary>
    Idle = 2,
}
