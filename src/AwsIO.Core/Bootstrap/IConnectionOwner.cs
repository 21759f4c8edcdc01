namespace AwsIO;

/// <summary>Who has a connection set up. Called on the connection's loop.</summary>
internal interface IConnectionOwner : IConnectionEnd
{
    /// <summary>The connection is ready, or there will be none: told once.</summary>
    /// <returns>Who is told of the end: so that what only the set-up needed does not live as long as the connection.</returns>
    IConnectionEnd OnResult(IoChannel? channel, IoError error);
}
