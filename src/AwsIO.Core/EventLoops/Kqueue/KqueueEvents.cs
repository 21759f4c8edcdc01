using AwsIO.Native.Platform;

namespace AwsIO;

/// <summary>What a filter's event means to a handler, so that it is told the same as on epoll.</summary>
internal static class KqueueEvents
{
    // Not reported: the writing direction is over, by a local shutdown or because the connection is.
    private const IoEvents WritingEnded = (IoEvents)0x200;

    /// <summary>Translates one event of one filter.</summary>
    /// <param name="filter">EVFILT_READ or EVFILT_WRITE.</param>
    /// <param name="flags">The event's flags; only EV_EOF and EV_ERROR count.</param>
    /// <param name="filterFlags">With EV_EOF the socket's error, 0 for none.</param>
    /// <param name="asked">What the subscription is for; both filters are there, whichever was asked for.</param>
    /// <param name="ended">
    /// The ends that this subscription has been told of. Each filter tells of its own direction only, and perhaps long after the
    /// other's.
    /// </param>
    /// <returns>What to report; nothing for a filter that is there for its end alone.</returns>
    /// <remarks>
    /// EV_EOF comes while bytes are unread, and with any count of them, so that reading goes on to the very end. On EVFILT_WRITE both
    /// sides are woken: a reader may learn there first that there is nothing to wait for.
    /// </remarks>
    internal static IoEvents Translate(short filter, ushort flags, uint filterFlags, IoEvents asked, ref IoEvents ended)
    {
        const IoEvents both = IoEvents.Readable | IoEvents.Writable;
        IoEvents events = filter == KqueueNumbers.FilterRead ? IoEvents.Readable : IoEvents.Writable;
        if ((flags & (KqueueNumbers.EndOfFile | KqueueNumbers.Error)) == 0)
        {
            return events & asked;
        }

        if ((flags & KqueueNumbers.Error) != 0)
        {
            return (both & asked) | IoEvents.Error;
        }

        if (filter == KqueueNumbers.FilterRead)
        {
            events |= IoEvents.RemoteHangUp;
            ended |= IoEvents.RemoteHangUp;
        }
        else
        {
            // Who knows the peer's end already reads to it anyway.
            events |= (ended & IoEvents.RemoteHangUp) == 0 ? IoEvents.Readable : 0;
            ended |= WritingEnded;
        }

        events &= asked | IoEvents.RemoteHangUp;
        events |= filterFlags != 0 ? IoEvents.Error : 0;
        return ended == (IoEvents.RemoteHangUp | WritingEnded) ? events | IoEvents.RemoteHangUp | IoEvents.Closed : events;
    }
}
