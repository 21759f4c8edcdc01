namespace AwsIO;

/// <summary>What a descriptor can be subscribed for, and what is reported of it (<c>aws_io_event_type</c>).</summary>
[Flags]
public enum IoEvents
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>There is something to read, or the end to be read.</summary>
    Readable = 1,

    /// <summary>There is room to write.</summary>
    Writable = 2,

    /// <summary>The peer will send no more; reported whether asked for or not.</summary>
    RemoteHangUp = 4,

    /// <summary>Both directions are closed; reported whether asked for or not.</summary>
    Closed = 8,

    /// <summary>An error is pending; reported whether asked for or not.</summary>
    Error = 16,
}
