using AwsIO.Native.Bsd;
using AwsIO.Native.Faults;
using AwsIO.Native.Platform;
using AwsIO.Native.Unix;

namespace AwsIO;

/// <summary>Adding filters to the kqueue, and taking them away.</summary>
internal sealed partial class KqueueEventLoop
{
    private const int Filters = 2;
    private const IoEvents Selectable = IoEvents.Readable | IoEvents.Writable;

    private protected override int AddToKernel(IoHandle handle, IoEvents events, ulong data)
    {
        if (IsOwnedByAnother(handle))
        {
            return -Errno.EEXIST;
        }

        IoEvents asked = events & Selectable;
        ulong marked = data | ((ulong)asked << AskedShift);
        int result = Register(handle.Descriptor, asked, marked);
        if (result == 0)
        {
            _owners[handle.Descriptor] = new Owner(handle, marked);
        }

        return result;
    }

    private protected override int RemoveFromKernel(int descriptor)
    {
        _ = _owners.Remove(descriptor);
        return Delete(descriptor);
    }

    /// <summary>
    /// Whether another handle has subscribed this descriptor. Adding a filter a second time is no error to the kernel, which would only
    /// tell somebody else from then on.
    /// </summary>
    private bool IsOwnedByAnother(IoHandle handle)
    {
        if (!_owners.TryGetValue(handle.Descriptor, out Owner owner) || ReferenceEquals(owner.Handle, handle))
        {
            return false;
        }

        if (HasFilters(handle.Descriptor, owner.Data))
        {
            return true;
        }

        // That one was closed without being unsubscribed, and its number is somebody else's now.
        _ = Subscriptions.Remove(owner.Handle);
        _ = _owners.Remove(handle.Descriptor);
        return false;
    }

    private unsafe bool HasFilters(int descriptor, ulong data)
    {
        // To enable what is enabled changes nothing, and is refused where there is no filter.
        Span<int> errors = stackalloc int[Filters];
        return Change(descriptor, KqueueNumbers.Enable, data, errors) < 0 || errors[0] == 0 || errors[1] == 0;
    }

    /// <summary>Adds both filters. One that was not asked for may be missing; of those that were, both are there or none.</summary>
    private int Register(int descriptor, IoEvents asked, ulong data)
    {
        Span<int> errors = stackalloc int[Filters];
        if (NativeFaults.IsOn)
        {
            RememberRegistration(descriptor, data);
        }

        int result = Change(descriptor, KqueueNumbers.Add | KqueueNumbers.Clear, data, errors);
        if (result == 0)
        {
            bool isMissing = ((asked & IoEvents.Readable) != 0 && errors[0] != 0)
                || ((asked & IoEvents.Writable) != 0 && errors[1] != 0)
                || (errors[0] != 0 && errors[1] != 0);
            if (!isMissing)
            {
                return 0;
            }

            bool isReadWanted = (asked & IoEvents.Readable) != 0 || asked == IoEvents.None;
            result = -(isReadWanted && errors[0] != 0 ? errors[0] : errors[1]);
        }

        _ = Delete(descriptor);
        return result;
    }

    private void RememberRegistration(int descriptor, ulong data) => Registrations.Add(
        _kqueue,
        descriptor,
        () =>
        {
            Span<int> errors = stackalloc int[Filters];
            _ = Change(descriptor, KqueueNumbers.Add | KqueueNumbers.Clear, data, errors, canFail: false);
        });

    private int Delete(int descriptor)
    {
        if (NativeFaults.IsOn)
        {
            Registrations.Remove(_kqueue, descriptor);
        }

        Span<int> errors = stackalloc int[Filters];
        int result = Change(descriptor, KqueueNumbers.Delete, 0, errors);

        // One that was not asked for may not have been there. Where none is, the descriptor was closed meanwhile.
        return result < 0 ? result : errors[0] != 0 && errors[1] != 0 ? -errors[0] : 0;
    }

    /// <summary>Makes a change to both filters of a descriptor, by one call or by two.</summary>
    /// <param name="descriptor">The descriptor.</param>
    /// <param name="flags">What to do.</param>
    /// <param name="data">What the kernel is to hand back.</param>
    /// <param name="errors">What each filter was answered, reading first: 0, or a positive errno value.</param>
    /// <param name="canFail">Whether a test may have the call fail.</param>
    /// <returns>0, or a negative errno value where a call itself failed.</returns>
    private unsafe int Change(int descriptor, ushort flags, ulong data, Span<int> errors, bool canFail = true)
    {
        const ushort receipt = KqueueNumbers.Receipt;
        byte* changes = stackalloc byte[Filters * KeventList.MaxEventSize];
        new Span<byte>(changes, Filters * KeventList.MaxEventSize).Clear();
        byte* second = changes + _calls.Numbers.EventSize;
        KeventList.Write(changes, descriptor, KqueueNumbers.FilterRead, (ushort)(flags | receipt), 0, data);
        KeventList.Write(second, descriptor, KqueueNumbers.FilterWrite, (ushort)(flags | receipt), 0, data);
        if (_calls.Numbers.AddsBothFiltersAtOnce)
        {
            return _calls.Apply(_kqueue, changes, Filters, errors, canFail);
        }

        int result = _calls.Apply(_kqueue, changes, 1, errors, canFail);
        return result < 0 ? result : _calls.Apply(_kqueue, second, 1, errors[1..], canFail);
    }

    /// <summary>Who has subscribed a descriptor, and what the kernel hands back for it.</summary>
    private readonly struct Owner(IoHandle handle, ulong data)
    {
        internal readonly IoHandle Handle = handle;
        internal readonly ulong Data = data;
    }
}
