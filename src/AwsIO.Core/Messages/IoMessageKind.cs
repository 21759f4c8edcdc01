namespace AwsIO;

/// <summary>What a message holds (<c>aws_io_message_type</c>).</summary>
public enum IoMessageKind
{
    /// <summary>Bytes of the connection.</summary>
    ApplicationData = 0,
}
