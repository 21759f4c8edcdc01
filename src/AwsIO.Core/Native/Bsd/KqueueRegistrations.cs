using AwsIO.Native.Faults;

namespace AwsIO.Native.Bsd;

/// <summary>
/// How each descriptor's filters can be added anew, so that a fault which hid its state can be followed by a new event. Kept only while
/// faults are on.
/// </summary>
internal static class KqueueRegistrations
{
    private static readonly object s_gate = new();
    private static readonly Dictionary<int, List<Registration>> s_registrations = [];

    static KqueueRegistrations()
    {
        NativeFaults.Rearm += Rearm;
        NativeFaults.Forget += Forget;
    }

    /// <summary>Knows a descriptor, before its filters are added.</summary>
    /// <param name="kqueue">The kqueue.</param>
    /// <param name="descriptor">The descriptor.</param>
    /// <param name="addAgain">Adds the filters once more, by which the kernel looks at their state anew.</param>
    internal static void Add(int kqueue, int descriptor, Action addAgain)
    {
        lock (s_gate)
        {
            Remove(kqueue, descriptor);
            if (!s_registrations.TryGetValue(descriptor, out List<Registration>? all))
            {
                s_registrations.Add(descriptor, all = []);
            }

            all.Add(new Registration(kqueue, addAgain));
        }
    }

    /// <summary>Knows it no more: its filters are about to be deleted.</summary>
    internal static void Remove(int kqueue, int descriptor)
    {
        lock (s_gate)
        {
            if (s_registrations.TryGetValue(descriptor, out List<Registration>? all))
            {
                all.RemoveAll(registration => registration.Kqueue == kqueue);
            }
        }
    }

    private static void Rearm(int descriptor)
    {
        // Nothing is closed or deleted in between: whoever does that comes here first.
        lock (s_gate)
        {
            if (s_registrations.TryGetValue(descriptor, out List<Registration>? all))
            {
                foreach (Registration registration in all)
                {
                    registration.AddAgain();
                }
            }
        }
    }

    private static void Forget(int descriptor)
    {
        lock (s_gate)
        {
            _ = s_registrations.Remove(descriptor);
        }
    }

    private readonly record struct Registration(int Kqueue, Action AddAgain);
}
