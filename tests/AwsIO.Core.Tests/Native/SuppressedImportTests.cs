using System.Reflection;
using System.Runtime.InteropServices;
using AwsIO.Native.Unix;

namespace AwsIO.Tests.NativeCalls;

/// <summary>
/// An import that skips the GC transition is looked up when a method that calls it is compiled, whether the call is reached or not. So
/// one that a platform lacks must stand in a method that this platform does not call.
/// </summary>
public sealed class SuppressedImportTests
{
    private static readonly string[] s_everywhere = ["accept", "read", "recv", "send", "write"];

    [Fact]
    public void What_some_platform_lacks_is_known_and_stands_alone()
    {
        SortedSet<string> lacking = new(StringComparer.Ordinal);
        foreach (Type type in typeof(Libc).Assembly.GetTypes())
        {
            foreach (MethodInfo method in type.GetMethods(BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public))
            {
                if (method.GetCustomAttribute<SuppressGCTransitionAttribute>() is not null
                    && method.GetCustomAttribute<DllImportAttribute>() is { Value: "libc" } import
                    && !s_everywhere.Contains(import.EntryPoint ?? method.Name))
                {
                    lacking.Add(import.EntryPoint ?? method.Name);
                }
            }
        }

        // Libc.LinuxErrno, LibcBsd.Errno, Libc.system_accept4: nothing else calls them. Add a method of its own for another one.
        Assert.Equal(["__errno_location", "__error", "accept4"], lacking);
    }
}
