namespace AwsIO;

/// <summary>What a message knows of channels.</summary>
public static class ChannelMessageExtensions
{
    /// <summary>The channel that rented the message (<c>owning_channel</c>): for a completion callback that serves many channels.</summary>
    /// <param name="message">A message that is not released.</param>
    /// <returns>The channel; null for a message that came from no channel, as those have that were written off its loop.</returns>
    public static IoChannel? Owner(this IoMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return message.Owner as IoChannel;
    }
}
