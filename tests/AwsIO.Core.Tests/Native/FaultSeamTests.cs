using System.Reflection;
using System.Runtime.InteropServices;
using AwsIO.Native.Faults;
using AwsIO.Native.Unix;
using AwsIO.Tests.Architecture;

namespace AwsIO.Tests.NativeCalls;

/// <summary>
/// Every native function either asks the fault plan right where it is called, or cannot fail, and then it is said here why. Reads the
/// compiled code of Native/, so that neither a wrapper nor a pointer to a function is overlooked.
/// </summary>
public sealed class FaultSeamTests
{
    private const string Getter = "reads a field, or a table of the library's";
    private const string Setter = "sets a field, and answers nothing, or what it was given";
    private const string Releaser = "releases, and answers nothing";

    /// <summary>By their names in C; those that share one in C, by the wrapper's.</summary>
    private static readonly Dictionary<string, string> s_cannotFail = new(StringComparer.Ordinal)
    {
        ["__errno_location"] = Getter,
        ["__error"] = Getter,
        ["freeaddrinfo"] = Releaser,
        ["gai_strerror"] = Getter,
        ["sigaction"] = "fails for wrong arguments alone; the caller goes on as if the signal were not ignored",
        ["sigemptyset"] = "fails for wrong arguments alone",
        ["sigaddset"] = "fails for wrong arguments alone",
        ["pthread_sigmask"] = "fails for wrong arguments alone",
        ["OpenSSL_version_num"] = Getter,
        ["ERR_clear_error"] = "empties the thread's queue",
        ["ERR_get_error"] = Getter,
        ["ERR_peek_last_error"] = Getter,
        ["ERR_reason_error_string"] = Getter,
        ["ERR_new"] = "the fault's own error is put into the queue by it",
        ["ERR_set_error"] = "the fault's own error is put into the queue by it",
        ["ERR_put_error"] = "the fault's own error is put into the queue by it",
        ["BIO_meth_free"] = Releaser,
        ["BIO_meth_set_write"] = Setter,
        ["BIO_meth_set_read"] = Setter,
        ["BIO_meth_set_ctrl"] = Setter,
        ["BIO_free"] = Releaser,
        ["BIO_set_data"] = Setter,
        ["BIO_get_data"] = Getter,
        ["BIO_set_init"] = Setter,
        ["BIO_set_flags"] = Setter,
        ["BIO_clear_flags"] = Setter,
        ["EVP_PKEY_free"] = Releaser,
        ["X509_free"] = Releaser,
        ["X509_verify_cert_error_string"] = Getter,
        ["X509_STORE_free"] = Releaser,
        ["X509_get_default_cert_file"] = Getter,
        ["X509_get_default_cert_dir"] = Getter,
        ["LibSsl.SetMode"] = Setter,
        ["LibSsl.DisableSessionCache"] = Setter,
        ["TLS_client_method"] = Getter,
        ["TLS_server_method"] = Getter,
        ["SSL_CTX_free"] = Releaser,
        ["SSL_CTX_set_options"] = Setter,
        ["SSL_CTX_get_security_level"] = Getter,
        ["SSL_CTX_set_security_level"] = Setter,
        ["SSL_CTX_set_verify"] = Setter,
        ["SSL_CTX_set_session_id_context"] = "fails for a name that is too long alone; ours is five bytes",
        ["SSL_CTX_set_alpn_select_cb"] = Setter,
        ["SSL_free"] = Releaser,
        ["SSL_set_bio"] = Setter,
        ["SSL_set_connect_state"] = Setter,
        ["SSL_set_accept_state"] = Setter,
        ["SSL_get_ex_data"] = Getter,
        ["SSL_set_hostflags"] = Setter,
        ["SSL_get0_param"] = Getter,
        ["SSL_get_error"] = Getter,
        ["SSL_pending"] = Getter,
        ["SSL_get_verify_result"] = Getter,
        ["SSL_get_version"] = Getter,
        ["SSL_get_current_cipher"] = Getter,
        ["SSL_CIPHER_get_name"] = Getter,
        ["SSL_get0_alpn_selected"] = Getter,
        ["SSL_get_servername"] = Getter,
        ["SSL_get1_peer_certificate"] = "counts a reference, and answers null for none",
        ["SSL_get_peer_certificate"] = "counts a reference, and answers null for none",
    };

    private static readonly BindingFlags s_all =
        BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private static readonly List<MethodBase> s_methods =
    [
        .. typeof(Libc).Assembly.GetTypes().SelectMany(
            static type => type.GetMethods(s_all).Concat<MethodBase>(type.GetConstructors(s_all))),
    ];

    [Fact]
    public void Every_native_function_asks_the_fault_plan_or_cannot_fail()
    {
        HashSet<string> listed = [];
        HashSet<MethodBase> bare = [.. s_methods.Where(method => IsImport(method) && !IsListed(method, listed))];
        List<string> violations = [];

        // Who calls such a function, and does not ask, hands the duty on to its own callers, up to the border of Native/.
        for (int known = -1; known != bare.Count;)
        {
            known = bare.Count;
            foreach (MethodBase method in s_methods.Where(method => !bare.Contains(method)))
            {
                (List<MethodBase> called, int pointers) = IlCalls.Of(method);
                HashSet<string> needs = [.. called.Where(bare.Contains).Select(NameOf)];
                int guards = called.Count(IsGuard);
                bool isNative = InNative(method);
                int open = needs.Count + (isNative ? pointers : 0);
                if (open == 0 || IsListed(method, listed))
                {
                    continue;
                }

                string what = $"{method.DeclaringType!.FullName}.{method.Name} calls {string.Join(", ", needs)}";
                if (guards == 0 && isNative)
                {
                    bare.Add(method);
                }
                else if (guards < open)
                {
                    violations.Add($"{what}: ask NativeFaults before each, or say in FaultSeamTests why it cannot fail");
                }
            }
        }

        Assert.True(violations.Count == 0, string.Join("\n", violations.Distinct()));
        Assert.Equal([], s_cannotFail.Keys.Except(listed));
    }

    [Fact]
    public void Each_call_of_the_seam_is_asked_for_somewhere()
    {
        string code = string.Concat(SourceFile.Under("src/AwsIO.Core/Native").Select(static file => file.Code));
        Assert.Equal([], Enum.GetNames<NativeCall>().Where(name => !code.Contains($"NativeCall.{name}", StringComparison.Ordinal)));
    }

    private static bool IsImport(MethodBase method) => method.Attributes.HasFlag(MethodAttributes.PinvokeImpl);

    private static bool InNative(MethodBase method) =>
        method.DeclaringType?.Namespace?.StartsWith("AwsIO.Native", StringComparison.Ordinal) == true;

    private static bool IsGuard(MethodBase method) =>
        (method.DeclaringType == typeof(NativeFaults)
            && (method.Name.StartsWith("Fails", StringComparison.Ordinal) || method.Name.StartsWith("Take", StringComparison.Ordinal)))
        || method.Name == "IsToFail";

    private static bool IsListed(MethodBase method, HashSet<string> listed)
    {
        foreach (string name in (string[])[NameOf(method), $"{method.DeclaringType!.Name}.{method.Name}"])
        {
            if (s_cannotFail.ContainsKey(name))
            {
                listed.Add(name);
                return true;
            }
        }

        return false;
    }

    /// <summary>An import's name in C; those that one declaration in C stands behind count as one.</summary>
    private static string NameOf(MethodBase method)
    {
        if (method.GetCustomAttribute<DllImportAttribute>() is { } import)
        {
            return import.EntryPoint ?? method.Name;
        }

        // What the generator has written for an import calls it by a function of its own.
        MethodBase? inner = IsGenerated(method) ? IlCalls.Of(method).Called.SingleOrDefault(IsImport) : null;
        return inner is null ? method.Name : NameOf(inner);
    }

    private static bool IsGenerated(MethodBase method) =>
        method.GetCustomAttribute<System.CodeDom.Compiler.GeneratedCodeAttribute>() is not null;
}
