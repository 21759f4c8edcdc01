namespace AwsIO.Native.Faults;

/// <summary>
/// How the kernel is made to report each descriptor's present state as a new event, so that a fault which hid the state can be followed by
/// one: after a call that was answered EAGAIN, or cut short, while there was more, no edge would come, a lie that no kernel tells. Kept
/// only while faults are on.
/// </summary>
internal static class Registrations
{
    private static readonly object s_gate = new();
    private static readonly Dictionary<int, List<Registration>> s_registrations = [];

    /// <summary>Knows a descriptor, before the kernel can report anything of it.</summary>
    /// <param name="poller">The descriptor of the epoll or the kqueue.</param>
    /// <param name="descriptor">The descriptor.</param>
    /// <param name="rearm">Has its state looked at anew; harmless where the kernel knows it no more.</param>
    internal static void Add(int poller, int descriptor, Action rearm)
    {
        lock (s_gate)
        {
            // One that was not closed here, or not removed, has left nothing behind in the kernel.
            Remove(poller, descriptor);
            if (!s_registrations.TryGetValue(descriptor, out List<Registration>? all))
            {
                s_registrations.Add(descriptor, all = []);
            }

            all.Add(new Registration(poller, rearm));
        }
    }

    /// <summary>Knows it no more: the poller is about to forget it.</summary>
    internal static void Remove(int poller, int descriptor)
    {
        lock (s_gate)
        {
            if (s_registrations.TryGetValue(descriptor, out List<Registration>? all))
            {
                all.RemoveAll(registration => registration.Poller == poller);
            }
        }
    }

    /// <summary>Has a descriptor's state reported once more, by each poller that it was added to.</summary>
    internal static void Rearm(int descriptor)
    {
        // Nothing is closed or deleted in between: whoever does that comes here first.
        lock (s_gate)
        {
            if (s_registrations.TryGetValue(descriptor, out List<Registration>? all))
            {
                foreach (Registration registration in all)
                {
                    registration.Rearm();
                }
            }
        }
    }

    /// <summary>Knows a descriptor no more, nor what was added to it: it is about to be closed.</summary>
    internal static void Forget(int descriptor)
    {
        lock (s_gate)
        {
            _ = s_registrations.Remove(descriptor);
            foreach (List<Registration> all in s_registrations.Values)
            {
                all.RemoveAll(registration => registration.Poller == descriptor);
            }
        }
    }

    private readonly record struct Registration(int Poller, Action Rearm);
}
