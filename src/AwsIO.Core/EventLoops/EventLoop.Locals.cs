using System.Diagnostics.CodeAnalysis;

namespace AwsIO;

/// <summary>Objects that a loop keeps for whoever works on it.</summary>
public abstract partial class EventLoop
{
    private Dictionary<object, LocalObject>? _localObjects;

    /// <summary>
    /// Keeps an object with the loop, in place of one that the key had before, whose removal callback is not called
    /// (<c>aws_event_loop_put_local_object</c>).
    /// </summary>
    /// <remarks>Loop thread only. What is left when the loop ends is removed then, on the loop's thread.</remarks>
    /// <typeparam name="T">The object's type.</typeparam>
    /// <param name="key">What it is found by: this very object, such as a static readonly one of its owner's.</param>
    /// <param name="value">The object.</param>
    /// <param name="onRemoved">Given the object when it is removed without being handed over; may be null.</param>
    /// <exception cref="InvalidOperationException">The caller is not on the loop's thread.</exception>
    public void SetLocal<T>(object key, T value, Action<T>? onRemoved = null)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(value);
        AssertOnLoop();
        _localObjects ??= new(ReferenceEqualityComparer.Instance);
        _localObjects[key] = new LocalObject<T>(value, onRemoved);
    }

    /// <summary>Gives an object that the loop keeps (<c>aws_event_loop_fetch_local_object</c>).</summary>
    /// <remarks>Loop thread only.</remarks>
    /// <typeparam name="T">The object's type.</typeparam>
    /// <param name="key">What it was kept under.</param>
    /// <param name="value">The object; null when there is none.</param>
    /// <returns>Whether there is one of that type.</returns>
    /// <exception cref="InvalidOperationException">The caller is not on the loop's thread.</exception>
    public bool TryGetLocal<T>(object key, [NotNullWhen(true)] out T? value)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(key);
        AssertOnLoop();
        value = _localObjects is not null && _localObjects.TryGetValue(key, out LocalObject? local)
            ? (local as LocalObject<T>)?.Value
            : null;
        return value is not null;
    }

    /// <summary>
    /// Removes an object that the loop keeps, and gives it to its removal callback (<c>aws_event_loop_remove_local_object</c>).
    /// </summary>
    /// <remarks>Loop thread only.</remarks>
    /// <param name="key">What it was kept under.</param>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="InvalidOperationException">The caller is not on the loop's thread.</exception>
    public bool RemoveLocal(object key)
    {
        ArgumentNullException.ThrowIfNull(key);
        AssertOnLoop();
        if (_localObjects is null || !_localObjects.Remove(key, out LocalObject? local))
        {
            return false;
        }

        local.Removed();
        return true;
    }

    /// <summary>
    /// Takes an object that the loop keeps: it is the caller's from now on, and its removal callback is not called
    /// (<c>aws_event_loop_remove_local_object</c> with a place for the object).
    /// </summary>
    /// <remarks>Loop thread only.</remarks>
    /// <typeparam name="T">The object's type; one of another type stays where it is.</typeparam>
    /// <param name="key">What it was kept under.</param>
    /// <param name="value">The object; null when there was none.</param>
    /// <returns>Whether there was one of that type.</returns>
    /// <exception cref="InvalidOperationException">The caller is not on the loop's thread.</exception>
    public bool TryTakeLocal<T>(object key, [NotNullWhen(true)] out T? value)
        where T : class => TryGetLocal(key, out value) && _localObjects!.Remove(key);

    /// <summary>Removes what is left at the loop's end.</summary>
    /// <returns>Whether there was anything.</returns>
    private bool RemoveLocals()
    {
        if (_localObjects is not { Count: > 0 } locals)
        {
            return false;
        }

        _localObjects = null;
        foreach (LocalObject local in locals.Values)
        {
            if (local.Callback is { } callback)
            {
                NoteCallback(callback);
            }

            try
            {
                local.Removed();
            }
            catch (Exception exception)
            {
                ReportFailure(exception);
            }
        }

        return true;
    }

    private abstract class LocalObject
    {
        internal abstract Delegate? Callback { get; }

        internal abstract void Removed();
    }

    private sealed class LocalObject<T>(T value, Action<T>? onRemoved) : LocalObject
    {
        internal T Value { get; } = value;

        internal override Delegate? Callback => onRemoved;

        internal override void Removed() => onRemoved?.Invoke(Value);
    }
}
