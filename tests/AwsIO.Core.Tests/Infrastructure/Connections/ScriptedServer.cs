using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace AwsIO.Tests.Infrastructure.Connections;

/// <summary>
/// Answers that no library would give any more, byte by byte: a TLS 1.2 server's first flight with a version, a suite and key exchange
/// parameters of the test's choice, correctly signed.
/// </summary>
internal sealed class ScriptedServer
{
    private readonly byte[] _clientRandom;
    private readonly byte[] _serverRandom = RandomNumberGenerator.GetBytes(32);
    private readonly List<byte> _flight = [];

    /// <summary>Begins the answer to a client's hello record.</summary>
    internal ScriptedServer(byte[] clientHello) => _clientRandom = clientHello[11..43];

    internal byte[] Flight => [.. _flight];

    internal ScriptedServer Hello(ushort version, ushort suite)
    {
        // The extension says that the server knows of safe renegotiation; without it clients stop right here.
        byte[] body = [.. Number(version), .. _serverRandom, 0, .. Number(suite), 0, 0, 5, 0xFF, 1, 0, 1, 0];
        return Message(2, body, version);
    }

    internal ScriptedServer Certificate(X509Certificate2 certificate)
    {
        byte[] one = [.. Number24(certificate.RawData.Length), .. certificate.RawData];
        return Message(11, [.. Number24(one.Length), .. one]);
    }

    /// <summary>A Diffie-Hellman group of a prime of so many bits, which is of no strength.</summary>
    internal ScriptedServer KeyExchange(int bits, RSA key)
    {
        byte[] prime = Number(bits);
        byte[] shared = Shared(prime);
        byte[] parameters = [.. Number((ushort)prime.Length), .. prime, .. Number((ushort)1), 2, .. Number((ushort)shared.Length), .. shared];
        byte[] signature = key.SignData([.. _clientRandom, .. _serverRandom, .. parameters], HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);

        // rsa_pkcs1_sha256
        return Message(12, [.. parameters, 4, 1, .. Number((ushort)signature.Length), .. signature]);
    }

    internal ScriptedServer Done() => Message(14, []);

    private static byte[] Number(int bits)
    {
        byte[] prime = RandomNumberGenerator.GetBytes(bits / 8);
        prime[0] |= 0x80;
        prime[^1] |= 1;
        return prime;
    }

    private static byte[] Shared(byte[] prime) =>
        BigInteger.ModPow(2, 12345, new BigInteger(prime, isUnsigned: true, isBigEndian: true)).ToByteArray(isUnsigned: true, isBigEndian: true);

    private static byte[] Number(ushort value)
    {
        byte[] bytes = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, value);
        return bytes;
    }

    private static byte[] Number24(int value) => [(byte)(value >> 16), (byte)(value >> 8), (byte)value];

    private ScriptedServer Message(byte type, byte[] body, ushort version = 0x0303)
    {
        _flight.AddRange([0x16, .. Number(version), .. Number((ushort)(body.Length + 4)), type, .. Number24(body.Length), .. body]);
        return this;
    }
}
