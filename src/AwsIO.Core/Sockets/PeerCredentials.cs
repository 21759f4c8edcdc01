namespace AwsIO;

/// <summary>Who was at the other end of a Unix domain connection when it was made, by the kernel's word.</summary>
/// <param name="ProcessId">The process; null where the platform does not tell.</param>
/// <param name="UserId">The effective user.</param>
/// <param name="GroupId">The effective group.</param>
public readonly record struct PeerCredentials(int? ProcessId, uint UserId, uint GroupId);
