namespace AwsIO.Tests.Infrastructure.Proxies;

/// <summary>How a proxy ends a connection.</summary>
public enum ProxyCut
{
    /// <summary>Both sides see an orderly end.</summary>
    Fin,

    /// <summary>Both sides are reset.</summary>
    Reset,
}

/// <summary>What a proxy does to the bytes of one direction. Without anything set, they pass as they come.</summary>
internal sealed record ProxyPlan
{
    internal static ProxyPlan Pass { get; } = new();

    /// <summary>How much later than it came each byte goes on.</summary>
    internal TimeSpan Delay { get; init; }

    /// <summary>Gives the size of the next piece; null for pieces as large as they come.</summary>
    internal Func<int>? NextPiece { get; init; }

    /// <summary>Nothing goes on before so many bytes have come, or the end.</summary>
    internal int JoinTo { get; init; } = 1;

    /// <summary>After so many bytes nothing more goes on, until the test releases the direction; null for never.</summary>
    internal long? StallAfter { get; init; }

    /// <summary>After so many bytes the whole connection is cut; null for never.</summary>
    internal long? CutAfter { get; init; }

    internal ProxyCut Cut { get; init; }
}
