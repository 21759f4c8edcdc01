namespace AwsIO;

/// <summary>How far a handler's writes have come.</summary>
/// <param name="Sent">Bytes that it has passed on for good since the beginning: counted by a first handler; others leave it 0.</param>
/// <param name="Unsent">Bytes that it was given to write and still has.</param>
public readonly record struct WriteProgress(long Sent, long Unsent);
