using System.Reflection;

namespace AwsIO;

/// <summary>Something of the library that a loop calls, and that does nothing but call somebody else.</summary>
internal interface ICallbackHolder
{
    /// <summary>Who is called; null where that is nobody just now. Any thread.</summary>
    Delegate? UserCallback { get; }
}

/// <summary>What a callback is called in logs.</summary>
internal static class CallbackName
{
    /// <summary>
    /// The name of a method that is called, or that a task was made from; of other tasks and of subscribers the type's. What only passes the
    /// call on is named by whom it calls.
    /// </summary>
    internal static string Of(object callback) => callback switch
    {
        Delegate { Target: ICallbackHolder { UserCallback: { } user } } => Of(user),
        ICallbackHolder { UserCallback: { } user } => Of(user),
        Delegate method => NameOf(method),
        IoTask { Method: { } method } => NameOf(method),
        _ => callback.GetType().ToString(),
    };

    private static string NameOf(Delegate callback)
    {
        MethodInfo method = callback.Method;
        string type = method.DeclaringType?.ToString() ?? "?";
        return $"{type}.{method.Name}";
    }
}
