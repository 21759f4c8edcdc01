namespace AwsIO;

/// <summary>The figures of a channel that may be chosen, wherever they are: of its own options, of a bootstrap's, of a connection's.</summary>
internal readonly record struct ChannelLimits
{
    internal const int LeastFragmentSize = 256;
    internal const int MostFragmentSize = 256 * 1024;

    public ChannelLimits()
    {
    }

    internal bool EnableReadBackPressure { get; init; } = true;

    internal TimeSpan ShutdownTimeout { get; init; } = IoChannelOptions.DefaultShutdownTimeout;

    internal int FragmentSize { get; init; } = IoChannelOptions.DefaultFragmentSize;

    internal long WriteHighWatermark { get; init; } = IoChannelOptions.DefaultWriteHighWatermark;

    internal long WriteLowWatermark { get; init; } = IoChannelOptions.DefaultWriteLowWatermark;

    /// <summary>Names the first figure that is out of its range, and the range; or gives no error.</summary>
    internal IoError Validate() => TryFindWrong(out _, out _, out string range) ? new IoError(IoErrorCode.InvalidArgument, range) : IoError.None;

    /// <exception cref="ArgumentOutOfRangeException">A figure is out of its range.</exception>
    internal void Check(string prefix = "")
    {
        if (TryFindWrong(out string name, out object? value, out string range))
        {
            throw new ArgumentOutOfRangeException(prefix + name, value, range);
        }
    }

    private bool TryFindWrong(out string name, out object? value, out string range)
    {
        if (FragmentSize is < LeastFragmentSize or > MostFragmentSize)
        {
            (name, value) = (nameof(FragmentSize), FragmentSize);
            range = $"FragmentSize is {FragmentSize}; it must be between {LeastFragmentSize} and {MostFragmentSize} bytes.";
        }
        else if (WriteHighWatermark < 0)
        {
            (name, value) = (nameof(WriteHighWatermark), WriteHighWatermark);
            range = $"WriteHighWatermark is {WriteHighWatermark}; it must be between 0 and {long.MaxValue} bytes.";
        }
        else if (WriteLowWatermark < 0 || WriteLowWatermark > WriteHighWatermark)
        {
            (name, value) = (nameof(WriteLowWatermark), WriteLowWatermark);
            range = $"WriteLowWatermark is {WriteLowWatermark}; it must be between 0 and WriteHighWatermark, which is {WriteHighWatermark} bytes.";
        }
        else if (ShutdownTimeout < TimeSpan.Zero && ShutdownTimeout != Timeout.InfiniteTimeSpan)
        {
            (name, value) = (nameof(ShutdownTimeout), ShutdownTimeout);
            range = $"ShutdownTimeout is {ShutdownTimeout}; it must not be negative, or be Timeout.InfiniteTimeSpan for no limit.";
        }
        else
        {
            (name, value, range) = ("", null, "");
            return false;
        }

        return true;
    }
}
