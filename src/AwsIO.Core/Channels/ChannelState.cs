namespace AwsIO;

/// <summary>The life of a channel; it only goes forward.</summary>
public enum ChannelState
{
    /// <summary>Made, and not yet told to its owner.</summary>
    SettingUp = 0,

    /// <summary>Data flows.</summary>
    Active = 1,

    /// <summary>The handlers are shutting down, one by one.</summary>
    ShuttingDown = 2,

    /// <summary>All handlers have shut down.</summary>
    ShutDown = 3,
}
