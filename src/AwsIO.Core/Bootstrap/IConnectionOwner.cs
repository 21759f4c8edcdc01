namespace AwsIO;

/// <summary>Who has a connection set up. Called on the connection's loop.</summary>
internal interface IConnectionOwner
{
    /// <summary>The connection is ready, or there will be none: told once.</summary>
    /// <returns>Who is told of the end: so that what only the set-up needed does not live as long as the connection.</returns>
    IConnectionOwner OnResult(IoChannel? channel, IoError error);

    /// <summary>The connection has ended: told once, last, and always.</summary>
    /// <param name="channel">The channel that it was.</param>
    /// <param name="reason">Why.</param>
    /// <param name="wasSetUp">Whether it had been told as ready.</param>
    void OnEnded(IoChannel channel, IoError reason, bool wasSetUp);
}
