namespace AwsIO.Testing;

/// <summary>The kind of key pair behind a test certificate.</summary>
public enum TestKeyKind
{
    /// <summary>ECDSA over NIST P-256: small and fast, the default.</summary>
    EcdsaP256,

    /// <summary>ECDSA over NIST P-384.</summary>
    EcdsaP384,

    /// <summary>ECDSA over NIST P-521.</summary>
    EcdsaP521,

    /// <summary>RSA with a modulus of 2048 bits.</summary>
    Rsa2048,

    /// <summary>RSA with a modulus of 3072 bits.</summary>
    Rsa3072,

    /// <summary>RSA with a modulus of 4096 bits. Making one takes up to a second.</summary>
    Rsa4096,
}
