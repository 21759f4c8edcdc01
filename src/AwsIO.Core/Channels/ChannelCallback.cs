namespace AwsIO;

/// <summary>Told of a channel's set-up or of its end, on its loop's thread.</summary>
/// <param name="channel">The channel.</param>
/// <param name="error">Why it failed or ended; no error after success, or after an end that was asked for without a reason.</param>
/// <param name="state">What was given with the callback.</param>
public delegate void ChannelCallback(IoChannel channel, IoError error, object? state);
