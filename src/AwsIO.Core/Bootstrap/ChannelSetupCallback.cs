namespace AwsIO;

/// <summary>Told once of a connection that a bootstrap has made, or could not, on the connection's loop's thread.</summary>
/// <param name="channel">The channel, ready for the application's handlers; null after a failure.</param>
/// <param name="error">Why there is no channel, or no error.</param>
/// <param name="state">What was given with the callback.</param>
public delegate void ChannelSetupCallback(IoChannel? channel, IoError error, object? state);
