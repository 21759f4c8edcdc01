using System.Reflection;

namespace AwsIO;

/// <summary>What a callback is called in logs.</summary>
internal static class CallbackName
{
    /// <summary>The name of a method that is called, or that a task was made from; of other tasks and of subscribers the type's.</summary>
    internal static string Of(object callback) => callback switch
    {
        Delegate method => Of(method),
        IoTask { Method: { } method } => Of(method),
        _ => callback.GetType().ToString(),
    };

    private static string Of(Delegate callback)
    {
        MethodInfo method = callback.Method;
        string type = method.DeclaringType?.ToString() ?? "?";
        return $"{type}.{method.Name}";
    }
}
