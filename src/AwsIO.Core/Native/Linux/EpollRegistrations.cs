using AwsIO.Native.Faults;

namespace AwsIO.Native.Linux;

/// <summary>
/// What each descriptor was added to epoll with, so that a fault which hid its state can be followed by a new event. Kept only while
/// faults are on.
/// </summary>
internal static class EpollRegistrations
{
    private static readonly object s_gate = new();
    private static readonly Dictionary<int, List<Registration>> s_registrations = [];

    static EpollRegistrations()
    {
        NativeFaults.Rearm += Rearm;
        NativeFaults.Forget += Forget;
    }

    /// <summary>Adds a descriptor, and knows it before the kernel can report anything.</summary>
    internal static int Add(int epoll, int descriptor, uint mask, ulong data)
    {
        lock (s_gate)
        {
            if (!s_registrations.TryGetValue(descriptor, out List<Registration>? all))
            {
                s_registrations.Add(descriptor, all = []);
            }

            // One that was not closed here, or not removed, has left nothing behind in the kernel.
            all.RemoveAll(registration => registration.Epoll == epoll);
            all.Add(new Registration(epoll, mask, data));
        }

        return LibcEpoll.AddNow(epoll, descriptor, mask, data);
    }

    /// <summary>A modified registration is reported anew when its state holds, edge-triggered or not.</summary>
    private static void Rearm(int descriptor)
    {
        // Nothing is closed in between: whoever closes comes here first.
        lock (s_gate)
        {
            if (s_registrations.TryGetValue(descriptor, out List<Registration>? all))
            {
                foreach (Registration registration in all)
                {
                    // Where it was removed the kernel refuses this.
                    _ = LibcEpoll.Modify(registration.Epoll, descriptor, registration.Mask, registration.Data);
                }
            }
        }
    }

    private static void Forget(int descriptor)
    {
        lock (s_gate)
        {
            _ = s_registrations.Remove(descriptor);
            foreach (List<Registration> all in s_registrations.Values)
            {
                all.RemoveAll(registration => registration.Epoll == descriptor);
            }
        }
    }

    private readonly record struct Registration(int Epoll, uint Mask, ulong Data);
}
