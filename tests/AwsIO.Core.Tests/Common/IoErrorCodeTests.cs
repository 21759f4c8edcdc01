namespace AwsIO.Tests.Common;

public sealed class IoErrorCodeTests
{
    // Package 1 of upstream has the numbers from 1024 to 2047. Its codes, in order, without a gap.
    private const int FirstOfRange = 1024;
    private const int LastOfRange = 2047;

    private static readonly string[] s_range =
    [
        "ChannelCantAcceptInput", "ChannelUnknownMessageType", "ChannelReadWouldExceedWindow", "EventLoopAlreadyAssigned",
        "EventLoopShutdown", "TlsNegotiationFailure", "TlsNotNegotiated", "TlsWriteFailure", "TlsAlertReceived", "TlsContextError",
        "TlsVersionUnsupported", "TlsCipherPreferenceUnsupported", "MissingAlpnMessage", "UnhandledAlpnProtocolMessage",
        "FileValidationFailure", "EventLoopThreadOnly", "AlreadySubscribed", "NotSubscribed", "OperationCancelled", "ReadWouldBlock",
        "BrokenPipe", "SocketUnsupportedAddressFamily", "SocketInvalidOperationForType", "SocketConnectionRefused", "SocketTimeout",
        "SocketNoRouteToHost", "SocketNetworkDown", "SocketClosed", "SocketNotConnected", "SocketInvalidOptions", "SocketAddressInUse",
        "SocketInvalidAddress", "SocketIllegalOperationForState", "SocketConnectAborted", "DnsQueryFailed", "DnsInvalidName",
        "DnsNoAddressForHost", "DnsHostRemovedFromCache", "StreamInvalidSeekPosition", "StreamReadFailed", "InvalidFileHandle",
        "SharedLibraryLoadFailure", "SharedLibraryFindSymbolFailure", "TlsNegotiationTimeout", "TlsAlertNotGraceful",
        "MaxRetriesExceeded", "RetryPermissionDenied", "TlsDigestAlgorithmUnsupported", "TlsSignatureAlgorithmUnsupported",
        "Pkcs11VersionUnsupported", "Pkcs11TokenNotFound", "Pkcs11KeyNotFound", "Pkcs11KeyTypeUnsupported",
        "Pkcs11UnknownCryptokiReturnValue", "Pkcs11CkrCancel", "Pkcs11CkrHostMemory", "Pkcs11CkrSlotIdInvalid",
        "Pkcs11CkrGeneralError", "Pkcs11CkrFunctionFailed", "Pkcs11CkrArgumentsBad", "Pkcs11CkrNoEvent",
        "Pkcs11CkrNeedToCreateThreads", "Pkcs11CkrCantLock", "Pkcs11CkrAttributeReadOnly", "Pkcs11CkrAttributeSensitive",
        "Pkcs11CkrAttributeTypeInvalid", "Pkcs11CkrAttributeValueInvalid", "Pkcs11CkrActionProhibited", "Pkcs11CkrDataInvalid",
        "Pkcs11CkrDataLenRange", "Pkcs11CkrDeviceError", "Pkcs11CkrDeviceMemory", "Pkcs11CkrDeviceRemoved",
        "Pkcs11CkrEncryptedDataInvalid", "Pkcs11CkrEncryptedDataLenRange", "Pkcs11CkrFunctionCanceled", "Pkcs11CkrFunctionNotParallel",
        "Pkcs11CkrFunctionNotSupported", "Pkcs11CkrKeyHandleInvalid", "Pkcs11CkrKeySizeRange", "Pkcs11CkrKeyTypeInconsistent",
        "Pkcs11CkrKeyNotNeeded", "Pkcs11CkrKeyChanged", "Pkcs11CkrKeyNeeded", "Pkcs11CkrKeyIndigestible",
        "Pkcs11CkrKeyFunctionNotPermitted", "Pkcs11CkrKeyNotWrappable", "Pkcs11CkrKeyUnextractable", "Pkcs11CkrMechanismInvalid",
        "Pkcs11CkrMechanismParamInvalid", "Pkcs11CkrObjectHandleInvalid", "Pkcs11CkrOperationActive",
        "Pkcs11CkrOperationNotInitialized", "Pkcs11CkrPinIncorrect", "Pkcs11CkrPinInvalid", "Pkcs11CkrPinLenRange",
        "Pkcs11CkrPinExpired", "Pkcs11CkrPinLocked", "Pkcs11CkrSessionClosed", "Pkcs11CkrSessionCount",
        "Pkcs11CkrSessionHandleInvalid", "Pkcs11CkrSessionParallelNotSupported", "Pkcs11CkrSessionReadOnly", "Pkcs11CkrSessionExists",
        "Pkcs11CkrSessionReadOnlyExists", "Pkcs11CkrSessionReadWriteSoExists", "Pkcs11CkrSignatureInvalid",
        "Pkcs11CkrSignatureLenRange", "Pkcs11CkrTemplateIncomplete", "Pkcs11CkrTemplateInconsistent", "Pkcs11CkrTokenNotPresent",
        "Pkcs11CkrTokenNotRecognized", "Pkcs11CkrTokenWriteProtected", "Pkcs11CkrUnwrappingKeyHandleInvalid",
        "Pkcs11CkrUnwrappingKeySizeRange", "Pkcs11CkrUnwrappingKeyTypeInconsistent", "Pkcs11CkrUserAlreadyLoggedIn",
        "Pkcs11CkrUserNotLoggedIn", "Pkcs11CkrUserPinNotInitialized", "Pkcs11CkrUserTypeInvalid",
        "Pkcs11CkrUserAnotherAlreadyLoggedIn", "Pkcs11CkrUserTooManyTypes", "Pkcs11CkrWrappedKeyInvalid",
        "Pkcs11CkrWrappedKeyLenRange", "Pkcs11CkrWrappingKeyHandleInvalid", "Pkcs11CkrWrappingKeySizeRange",
        "Pkcs11CkrWrappingKeyTypeInconsistent", "Pkcs11CkrRandomSeedNotSupported", "Pkcs11CkrRandomNoRng",
        "Pkcs11CkrDomainParamsInvalid", "Pkcs11CkrCurveNotSupported", "Pkcs11CkrBufferTooSmall", "Pkcs11CkrSavedStateInvalid",
        "Pkcs11CkrInformationSensitive", "Pkcs11CkrStateUnsaveable", "Pkcs11CkrCryptokiNotInitialized",
        "Pkcs11CkrCryptokiAlreadyInitialized", "Pkcs11CkrMutexBad", "Pkcs11CkrMutexNotLocked", "Pkcs11CkrNewPinMode",
        "Pkcs11CkrNextOtp", "Pkcs11CkrExceededMaxIterations", "Pkcs11CkrFipsSelfTestFailed", "Pkcs11CkrLibraryLoadFailed",
        "Pkcs11CkrPinTooWeak", "Pkcs11CkrPublicKeyInvalid", "Pkcs11CkrFunctionRejected", "PinnedEventLoopMismatch",
        "Pkcs11EncodingError", "TlsDefaultTrustStoreNotFound", "StreamSeekFailed", "StreamGetLengthFailed", "StreamSeekUnsupported",
        "StreamGetLengthUnsupported", "TlsReadFailure", "PemMalformed", "SocketMissingEventLoop", "TlsUnknownRootCertificate",
        "TlsNoRootCertificateFound", "TlsCertificateExpired", "TlsCertificateNotYetValid", "TlsBadCertificate",
        "TlsPeerCertificateExpired", "TlsBadPeerCertificate", "TlsPeerCertificateRevoked", "TlsPeerCertificateUnknown",
        "TlsInternalError", "TlsClosedGraceful", "TlsClosedAbort", "TlsInvalidCertificateChain", "TlsHostNameMismatch",
        "DnsQueryAgain",
    ];

    private static readonly Dictionary<string, int> s_common = new()
    {
        ["Success"] = 0,
        ["OutOfMemory"] = 1,
        ["Unknown"] = 3,
        ["ShortBuffer"] = 4,
        ["OverflowDetected"] = 5,
        ["UnsupportedOperation"] = 6,
        ["InvalidArgument"] = 34,
        ["Unimplemented"] = 37,
        ["InvalidState"] = 38,
        ["StreamUnseekable"] = 42,
        ["NoPermission"] = 43,
        ["FileInvalidPath"] = 44,
        ["MaxFileDescriptorsExceeded"] = 45,
        ["SystemCallFailure"] = 46,
        ["FileHandleInvalid"] = 50,
        ["PlatformNotSupported"] = 53,
        ["FileOpenFailure"] = 57,
        ["FileReadFailure"] = 58,
    };

    private static readonly int[] s_retryable = [1047, 1048, 1050, 1051, 1057, 1060, 1067, 1195];

    [Fact]
    [Trait("Upstream", "io_library_error_order")]
    public void Codes_keep_upstreams_numbers()
    {
        Assert.Equal(1024, (int)IoErrorCode.ChannelCantAcceptInput);
        Assert.Equal(1067, (int)IoErrorCode.TlsNegotiationTimeout);
        Assert.Equal(1194, (int)IoErrorCode.TlsHostNameMismatch);
    }

    [Fact]
    public void Each_code_of_upstreams_library_has_its_number_and_is_retryable_where_upstreams_is()
    {
        Assert.Equal(1195 - FirstOfRange + 1, s_range.Length);
        for (int i = 0; i < s_range.Length; i++)
        {
            IoErrorCode code = Enum.Parse<IoErrorCode>(s_range[i]);
            Assert.Equal(FirstOfRange + i, (int)code);
            Assert.True(new IoError(code).IsTransient == s_retryable.Contains((int)code), $"{code} = {(int)code}");
        }
    }

    [Fact]
    public void Each_code_of_the_common_library_has_its_number_and_none_is_retryable()
    {
        foreach ((string name, int number) in s_common)
        {
            IoErrorCode code = Enum.Parse<IoErrorCode>(name);
            Assert.Equal(number, (int)code);
            Assert.False(new IoError(code).IsTransient);
        }
    }

    [Fact]
    public void There_are_no_other_codes_but_those_of_our_own_at_the_end_of_the_range()
    {
        int[] values = [.. Enum.GetNames<IoErrorCode>().Select(static name => (int)Enum.Parse<IoErrorCode>(name))];
        Assert.Equal(values.Length, values.Distinct().Count());
        IEnumerable<int> known = s_common.Values.Concat(Enumerable.Range(FirstOfRange, s_range.Length));
        Assert.All(values.Except(known), static value => Assert.InRange(value, 1900, LastOfRange));
    }

    [Fact]
    public void The_deprecated_code_of_a_file_handle_stands_beside_the_one_that_counts_today()
    {
        Assert.Equal(1064, (int)IoErrorCode.InvalidFileHandle);
        Assert.NotInRange((int)IoErrorCode.FileHandleInvalid, FirstOfRange, LastOfRange);
        Assert.NotEqual(new IoError(IoErrorCode.InvalidFileHandle), new IoError(IoErrorCode.FileHandleInvalid));
    }
}
