namespace AwsIO.Testing;

/// <summary>A fault that a plan has caused.</summary>
/// <param name="Function">The function that failed, or was shortened.</param>
/// <param name="Use">Which use of it this was, counted from 1.</param>
/// <param name="Outcome">What became of it.</param>
/// <param name="Descriptor">The descriptor that it was used on; -1 for none.</param>
public sealed record TakenFault(NativeFunction Function, long Use, FaultOutcome Outcome, int Descriptor)
{
    /// <summary>As a rule of a plan's text that causes this fault alone.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => new FaultRule(Function, FaultUses.Number(Use), Outcome).ToString();
}
