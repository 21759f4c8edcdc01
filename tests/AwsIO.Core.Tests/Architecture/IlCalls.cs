using System.Reflection;
using System.Reflection.Emit;

namespace AwsIO.Tests.Architecture;

/// <summary>The calls that a method's code makes, as it was compiled.</summary>
internal static class IlCalls
{
    private static readonly Dictionary<short, OpCode> s_opCodes = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(static field => (OpCode)field.GetValue(null)!).ToDictionary(static code => code.Value);

    /// <summary>The methods that are called, and how often a function pointer is.</summary>
    internal static (List<MethodBase> Called, int Pointers) Of(MethodBase method)
    {
        List<MethodBase> called = [];
        int pointers = 0;
        byte[] il = method.GetMethodBody()?.GetILAsByteArray() ?? [];
        for (int i = 0; i < il.Length;)
        {
            short value = il[i++];
            if (value == 0xFE)
            {
                value = unchecked((short)(0xFE00 | il[i++]));
            }

            OpCode code = s_opCodes[value];
            if (code.OperandType == OperandType.InlineMethod && Resolve(method, BitConverter.ToInt32(il, i)) is { } target)
            {
                called.Add(target);
            }
            else if (code.OperandType == OperandType.InlineSig)
            {
                pointers++;
            }

            i += Size(code.OperandType, il, i);
        }

        return (called, pointers);
    }

    private static MethodBase? Resolve(MethodBase method, int token) => method.Module.ResolveMethod(
        token,
        method.DeclaringType is { IsGenericType: true } type ? type.GetGenericArguments() : null,
        method.IsGenericMethod ? method.GetGenericArguments() : null);

    private static int Size(OperandType type, byte[] il, int at) => type switch
    {
        OperandType.InlineNone => 0,
        OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
        OperandType.InlineVar => 2,
        OperandType.InlineI8 or OperandType.InlineR => 8,
        OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(il, at)),
        _ => 4,
    };
}
