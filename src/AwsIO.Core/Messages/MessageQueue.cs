namespace AwsIO;

/// <summary>Messages in the order in which they came, linked by <see cref="IoMessage.Next"/>. Used on one thread at a time.</summary>
internal struct MessageQueue
{
    /// <summary>The oldest message; null when there is none.</summary>
    internal IoMessage? First { get; private set; }

    /// <summary>The newest message; null when there is none.</summary>
    internal IoMessage? Last { get; private set; }

    internal void Enqueue(IoMessage message)
    {
        message.Next = null;
        if (Last is null)
        {
            First = message;
        }
        else
        {
            Last.Next = message;
        }

        Last = message;
    }

    /// <summary>Takes the oldest message; the queue must not be empty.</summary>
    internal IoMessage Dequeue()
    {
        IoMessage message = First!;
        First = message.Next;
        Last = First is null ? null : Last;
        message.Next = null;
        return message;
    }

    /// <summary>Puts a message before all others.</summary>
    internal void PutBack(IoMessage message)
    {
        message.Next = First;
        First = message;
        Last ??= message;
    }

    /// <summary>Takes all messages, linked.</summary>
    /// <returns>The oldest one.</returns>
    internal IoMessage? TakeAll()
    {
        IoMessage? first = First;
        First = null;
        Last = null;
        return first;
    }
}
