using System.Reflection;

namespace AwsIO;

/// <summary>What a callback is called in logs.</summary>
internal static class CallbackName
{
    /// <summary>A task's or a subscriber's name: its type's, or the method's that a task was made from.</summary>
    internal static string Of(object callback) =>
        callback is IoTask { Method: { } method } ? Of(method) : callback.GetType().ToString();

    private static string Of(Delegate callback)
    {
        MethodInfo method = callback.Method;
        string type = method.DeclaringType?.ToString() ?? "?";
        return $"{type}.{method.Name}";
    }
}
