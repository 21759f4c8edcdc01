using System.Diagnostics;
using AwsIO.Tasks.Tests.Infrastructure;

namespace AwsIO.Tasks.Tests.Runtimes;

[Collection(RuntimeTestCollection.Name)]
public sealed class ProcessExitTests
{
    [Fact]
    public async Task A_process_with_live_connections_and_undisposed_objects_exits()
    {
        using Process child = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, "--child exit")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> output = child.StandardOutput.ReadToEndAsync();
        Task<string> errors = child.StandardError.ReadToEndAsync();
        try
        {
            await child.WaitForExitAsync().Within();
        }
        finally
        {
            child.Kill(entireProcessTree: true);
        }

        Assert.Equal("leaving", (await output).Trim());
        Assert.Equal("", await errors);
        Assert.Equal(ChildProcess.ExitCode, child.ExitCode);
    }
}
