using System.Diagnostics;

namespace AwsIO.Tests.Infrastructure;

/// <summary>
/// For a class whose tests make their own groups: when the class is over, no descriptor and no thread is left that was not there before.
/// </summary>
public sealed class NothingLeft : IAsyncLifetime
{
    private static readonly Lazy<Task> s_warm = new(WarmUp);

    private HashSet<string> _descriptors = [];
    private HashSet<string> _threads = [];

    public async ValueTask InitializeAsync()
    {
        await s_warm.Value;
        _descriptors = Descriptors.Open();
        _threads = Descriptors.Threads();
    }

    public ValueTask DisposeAsync()
    {
        // A group that was disposed of without being waited for takes a moment.
        Waiting.Until(() => !Descriptors.Threads().Except(_threads).Any(), "The threads have left");
        if (Descriptors.Open().Except(_descriptors).Any())
        {
            // The pipes of a child process are the runtime's, and go when the collector finds them. What the library forgets stays.
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.Empty(Descriptors.Left(_descriptors));
        return default;
    }

    /// <summary>Has the runtime open what it keeps open for good once a process has been started and listened to.</summary>
    private static async Task WarmUp()
    {
        using Process child = Process.Start(
            new ProcessStartInfo("/bin/sh", ["-c", "echo"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> errors = child.StandardError.ReadToEndAsync();
        Assert.Equal("\n", await child.StandardOutput.ReadToEndAsync().Within());
        Assert.Equal("", await errors.Within());
        await child.WaitForExitAsync().Within();
    }
}
