namespace AwsIO.Native.Faults;

/// <summary>What is to become of one use of a native function; the default lets it pass.</summary>
/// <param name="Error">The errno value, or getaddrinfo's code, to answer instead of making the call; 0 to make it.</param>
/// <param name="MaxLength">The most bytes, or events, that the call is offered; 0 for all of them.</param>
internal readonly record struct NativeFault(int Error, int MaxLength);

/// <summary>Says for each use of a native function what is to become of it. Called on any thread.</summary>
internal abstract class NativeFaultSource
{
    /// <summary>Counts one use.</summary>
    /// <param name="call">The function.</param>
    /// <param name="descriptor">The descriptor that it is used on; -1 for none.</param>
    /// <returns>What is to become of this use.</returns>
    internal abstract NativeFault Take(NativeCall call, int descriptor);
}
