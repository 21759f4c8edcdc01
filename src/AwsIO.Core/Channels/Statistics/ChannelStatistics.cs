namespace AwsIO;

/// <summary>What one handler of a channel has counted (<c>aws_crt_statistics_base</c>).</summary>
/// <remarks>The object is its handler's, and is filled anew for each report: who wants to keep figures copies them.</remarks>
public abstract class ChannelStatistics
{
    /// <summary>The first category of this library (<c>AWSCRT_STATISTICS_CATEGORY</c>); each library has 256 of them.</summary>
    public const int FirstCategory = 256;

    /// <summary>Makes statistics of a kind.</summary>
    /// <param name="category">The kind's number: <see cref="FirstCategory"/> and those behind it are this library's.</param>
    protected ChannelStatistics(int category) => Category = category;

    /// <summary>The kind's number, for logs that compare with upstream's.</summary>
    public int Category { get; }
}
