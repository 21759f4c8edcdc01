using AwsIO.Tasks;

namespace AwsIO.Tool;

/// <summary>How commands fail: one line on standard error, and an exit code.</summary>
internal static class Failure
{
    internal const int Code = 1;
    internal const int UsageCode = 2;

    /// <summary>Tells why a command ended.</summary>
    /// <returns>The exit code.</returns>
    internal static int Report(Exception exception)
    {
        switch (exception)
        {
            case OutputClosedException:
                // Whoever reads has gone, as in "awsio connect … | head -1": nobody wants to know.
                return Code;
            case UsageException:
                Print(exception.Message);
                return UsageCode;
            case IoException failure:
                Print(failure.Error.Detail);
                return Code;
            case ArgumentException or FormatException or TimeoutException or IOException or UnauthorizedAccessException or OperationCanceledException:
                Print(exception.Message);
                return Code;
            default:
                Print($"{exception.GetType().Name}: {exception.Message}");
                return Code;
        }
    }

    internal static void Print(string message)
    {
        try
        {
            Console.Error.WriteLine("awsio: " + message.ReplaceLineEndings(" ").TrimEnd('.', ' '));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Standard error is closed or full: the exit code must do.
        }
    }
}

/// <summary>What was asked for makes no sense; the message says what does.</summary>
internal sealed class UsageException(string message) : Exception(message);

/// <summary>Standard output is a pipe that nobody reads any more.</summary>
internal sealed class OutputClosedException(IOException inner) : Exception(inner.Message, inner);
