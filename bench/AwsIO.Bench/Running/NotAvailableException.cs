namespace AwsIO.Bench.Running;

/// <summary>An implementation cannot be tried on this machine. The row says why, and nothing fails.</summary>
internal sealed class NotAvailableException(string message) : Exception(message);
