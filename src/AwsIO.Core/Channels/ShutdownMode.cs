namespace AwsIO;

/// <summary>How a channel goes down (upstream's <c>free_scarce_resources_immediately</c>).</summary>
public enum ShutdownMode
{
    /// <summary>What was written is delivered, and the peer is told of the end; bounded by the channel's shutdown timeout.</summary>
    Graceful = 0,

    /// <summary>At once, without a word: what was not delivered is lost, and the peer sees a reset.</summary>
    Immediate = 1,
}
