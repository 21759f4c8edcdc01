namespace AwsIO;

/// <summary>Who is told that a connection has ended. Called on the connection's loop.</summary>
internal interface IConnectionEnd
{
    /// <summary>The connection has ended: told once, last, and always.</summary>
    /// <param name="channel">The channel that it was.</param>
    /// <param name="reason">Why.</param>
    /// <param name="wasSetUp">Whether it had been told as ready.</param>
    void OnEnded(IoChannel channel, IoError reason, bool wasSetUp);
}
