using AwsIO.Tests.Infrastructure;

namespace AwsIO.Tests.Torture;

/// <summary>A scenario on loops of another kind.</summary>
internal sealed class OtherLoops(TortureScenario scenario, string kind, LoopBackend backend) : TortureScenario
{
    internal override string Name => $"{kind}-{scenario.Name}";

    internal override bool IsLong => scenario.IsLong;

    internal override LoopBackend Backend => backend;

    internal override Task Run(TortureRun run) => scenario.Run(run);
}
