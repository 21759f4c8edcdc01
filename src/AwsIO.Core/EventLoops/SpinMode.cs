namespace AwsIO;

/// <summary>Whether a loop that has nothing left to do looks for more for a while before it sleeps.</summary>
/// <remarks>
/// Waking a sleeping thread costs tens of microseconds. Where two ends answer each other from different processors, that is most of a
/// round trip. A loop never spins where its process may use one processor only.
/// </remarks>
public enum SpinMode
{
    /// <summary>
    /// Spins while it has paid lately: a spin that found nothing makes the next ones rarer, and what is spun in vain stays below a
    /// twentieth of one processor.
    /// </summary>
    Adaptive = 0,

    /// <summary>Sleeps at once.</summary>
    Off = 1,

    /// <summary>
    /// Spins for <see cref="EventLoopGroupOptions.SpinTime"/> before each sleep, whether it pays or not, within
    /// <see cref="EventLoopGroupOptions.MaxSpinShare"/>.
    /// </summary>
    Fixed = 2,
}
