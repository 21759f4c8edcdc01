namespace AwsIO.Bench.Scheduling;

/// <summary>One thing that is measured, and how each implementation does it.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Unit">What the figure counts.</param>
/// <param name="MoreIsBetter">Whether a ratio above 1 is good.</param>
/// <param name="Target">What AwsIO is to reach; null where there is no target.</param>
/// <param name="Upstream">What <see cref="UpstreamTasks"/> is to be given for the same; null where it has nothing like it.</param>
/// <param name="Runs">The figure of one repetition, by implementation; AwsIO's first.</param>
internal sealed record Measurement(
    string Name,
    string Unit,
    bool MoreIsBetter,
    double? Target,
    string[]? Upstream,
    params (string Implementation, Func<double> Run)[] Runs
);
