namespace AwsIO;

/// <summary>
/// What went wrong. Names and numbers follow upstream (<c>AWS_ERROR_*</c> of aws-c-common, <c>AWS_IO_*</c> of aws-c-io), so that logs of both compare.
/// </summary>
public enum IoErrorCode
{
    /// <summary>No error.</summary>
    Success = 0,
    /// <summary>Memory, or the kernel's buffer space, is exhausted.</summary>
    OutOfMemory = 1,
    /// <summary>An error that has no code of its own; see its details.</summary>
    Unknown = 3,
    /// <summary>The buffer has no room.</summary>
    ShortBuffer = 4,
    /// <summary>An arithmetic overflow was detected.</summary>
    OverflowDetected = 5,
    /// <summary>The operation is not supported.</summary>
    UnsupportedOperation = 6,
    /// <summary>An argument is not valid.</summary>
    InvalidArgument = 34,
    /// <summary>The operation is not available on this platform or provider.</summary>
    Unimplemented = 37,
    /// <summary>The object's state does not allow the operation.</summary>
    InvalidState = 38,
    /// <summary>The stream cannot seek.</summary>
    StreamUnseekable = 42,
    /// <summary>Permission is missing.</summary>
    NoPermission = 43,
    /// <summary>The path does not exist or is not valid.</summary>
    FileInvalidPath = 44,
    /// <summary>The process or the system has no file descriptor left.</summary>
    MaxFileDescriptorsExceeded = 45,
    /// <summary>A system call failed; the native error says why.</summary>
    SystemCallFailure = 46,
    /// <summary>The file handle is not valid: what upstream's <c>AWS_IO_INVALID_FILE_HANDLE</c> stands for today.</summary>
    FileHandleInvalid = 50,
    /// <summary>The platform does not support this.</summary>
    PlatformNotSupported = 53,
    /// <summary>The file could not be opened.</summary>
    FileOpenFailure = 57,
    /// <summary>The file could not be read.</summary>
    FileReadFailure = 58,
    /// <summary>A handler was given a message that it cannot take in this direction.</summary>
    ChannelCantAcceptInput = 1024,
    /// <summary>A message of an unknown kind was asked for.</summary>
    ChannelUnknownMessageType = 1025,
    /// <summary>A read message is larger than the receiver's read window.</summary>
    ChannelReadWouldExceedWindow = 1026,
    /// <summary>The socket already belongs to an event loop.</summary>
    EventLoopAlreadyAssigned = 1027,
    /// <summary>The event loop is shutting down.</summary>
    EventLoopShutdown = 1028,
    /// <summary>The TLS handshake failed.</summary>
    TlsNegotiationFailure = 1029,
    /// <summary>TLS data was written before the handshake finished.</summary>
    TlsNotNegotiated = 1030,
    /// <summary>Writing TLS data failed.</summary>
    TlsWriteFailure = 1031,
    /// <summary>The peer sent a fatal TLS alert.</summary>
    TlsAlertReceived = 1032,
    /// <summary>The TLS context could not be made: bad certificate, key, trust store or ALPN list.</summary>
    TlsContextError = 1033,
    /// <summary>The TLS version asked for is not supported.</summary>
    TlsVersionUnsupported = 1034,
    /// <summary>The TLS cipher preference asked for is not supported.</summary>
    TlsCipherPreferenceUnsupported = 1035,
    /// <summary>The ALPN handler received a message that carries no negotiated protocol.</summary>
    MissingAlpnMessage = 1036,
    /// <summary>No handler exists for the negotiated ALPN protocol.</summary>
    UnhandledAlpnProtocolMessage = 1037,
    /// <summary>A file's content is not of the expected form.</summary>
    FileValidationFailure = 1038,
    /// <summary>The call is allowed on the event loop's thread only.</summary>
    EventLoopThreadOnly = 1039,
    /// <summary>The handle is already subscribed.</summary>
    AlreadySubscribed = 1040,
    /// <summary>The handle is not subscribed.</summary>
    NotSubscribed = 1041,
    /// <summary>The operation was cancelled before it completed.</summary>
    OperationCancelled = 1042,
    /// <summary>Nothing can be read or written without blocking.</summary>
    ReadWouldBlock = 1043,
    /// <summary>The reading end of the pipe is closed.</summary>
    BrokenPipe = 1044,
    /// <summary>The address family is not supported.</summary>
    SocketUnsupportedAddressFamily = 1045,
    /// <summary>The operation does not fit this kind of socket.</summary>
    SocketInvalidOperationForType = 1046,
    /// <summary>Nothing listens at the address: the connection was refused.</summary>
    SocketConnectionRefused = 1047,
    /// <summary>The socket operation took longer than its timeout.</summary>
    SocketTimeout = 1048,
    /// <summary>There is no route to the host.</summary>
    SocketNoRouteToHost = 1049,
    /// <summary>The network is down.</summary>
    SocketNetworkDown = 1050,
    /// <summary>The connection is closed.</summary>
    SocketClosed = 1051,
    /// <summary>The socket is not connected.</summary>
    SocketNotConnected = 1052,
    /// <summary>The socket options are not valid, or not valid together.</summary>
    SocketInvalidOptions = 1053,
    /// <summary>The address is already in use.</summary>
    SocketAddressInUse = 1054,
    /// <summary>The address is not valid.</summary>
    SocketInvalidAddress = 1055,
    /// <summary>The socket's state does not allow the operation.</summary>
    SocketIllegalOperationForState = 1056,
    /// <summary>The connection attempt was aborted.</summary>
    SocketConnectAborted = 1057,
    /// <summary>The name look-up failed.</summary>
    DnsQueryFailed = 1058,
    /// <summary>The host name does not exist or is not valid.</summary>
    DnsInvalidName = 1059,
    /// <summary>The host name has no address of the kind asked for.</summary>
    DnsNoAddressForHost = 1060,
    /// <summary>The host was removed from the resolver's cache while a look-up was pending.</summary>
    DnsHostRemovedFromCache = 1061,
    /// <summary>The seek position lies outside the stream.</summary>
    StreamInvalidSeekPosition = 1062,
    /// <summary>Reading the stream failed.</summary>
    StreamReadFailed = 1063,
    /// <summary>The file handle is not valid (deprecated upstream; kept for its number). See <see cref="FileHandleInvalid"/>.</summary>
    InvalidFileHandle = 1064,
    /// <summary>The shared library could not be loaded.</summary>
    SharedLibraryLoadFailure = 1065,
    /// <summary>The shared library lacks the symbol.</summary>
    SharedLibraryFindSymbolFailure = 1066,
    /// <summary>The TLS handshake took longer than its timeout.</summary>
    TlsNegotiationTimeout = 1067,
    /// <summary>The TLS connection ended without close_notify.</summary>
    TlsAlertNotGraceful = 1068,
    /// <summary>The retry strategy allows no further attempt.</summary>
    MaxRetriesExceeded = 1069,
    /// <summary>The retry strategy refused a token.</summary>
    RetryPermissionDenied = 1070,
    /// <summary>The digest algorithm is not supported for TLS key operations.</summary>
    TlsDigestAlgorithmUnsupported = 1071,
    /// <summary>The signature algorithm is not supported for TLS key operations.</summary>
    TlsSignatureAlgorithmUnsupported = 1072,
    /// <summary>The PKCS#11 library's version is not supported.</summary>
    Pkcs11VersionUnsupported = 1073,
    /// <summary>No PKCS#11 token matches.</summary>
    Pkcs11TokenNotFound = 1074,
    /// <summary>No PKCS#11 key matches.</summary>
    Pkcs11KeyNotFound = 1075,
    /// <summary>The PKCS#11 key is of a kind that is not supported.</summary>
    Pkcs11KeyTypeUnsupported = 1076,
    /// <summary>The PKCS#11 library returned a value that is not known.</summary>
    Pkcs11UnknownCryptokiReturnValue = 1077,
    /// <summary>PKCS#11 answered <c>CKR_CANCEL</c>.</summary>
    Pkcs11CkrCancel = 1078,
    /// <summary>PKCS#11 answered <c>CKR_HOST_MEMORY</c>.</summary>
    Pkcs11CkrHostMemory = 1079,
    /// <summary>PKCS#11 answered <c>CKR_SLOT_ID_INVALID</c>.</summary>
    Pkcs11CkrSlotIdInvalid = 1080,
    /// <summary>PKCS#11 answered <c>CKR_GENERAL_ERROR</c>.</summary>
    Pkcs11CkrGeneralError = 1081,
    /// <summary>PKCS#11 answered <c>CKR_FUNCTION_FAILED</c>.</summary>
    Pkcs11CkrFunctionFailed = 1082,
    /// <summary>PKCS#11 answered <c>CKR_ARGUMENTS_BAD</c>.</summary>
    Pkcs11CkrArgumentsBad = 1083,
    /// <summary>PKCS#11 answered <c>CKR_NO_EVENT</c>.</summary>
    Pkcs11CkrNoEvent = 1084,
    /// <summary>PKCS#11 answered <c>CKR_NEED_TO_CREATE_THREADS</c>.</summary>
    Pkcs11CkrNeedToCreateThreads = 1085,
    /// <summary>PKCS#11 answered <c>CKR_CANT_LOCK</c>.</summary>
    Pkcs11CkrCantLock = 1086,
    /// <summary>PKCS#11 answered <c>CKR_ATTRIBUTE_READ_ONLY</c>.</summary>
    Pkcs11CkrAttributeReadOnly = 1087,
    /// <summary>PKCS#11 answered <c>CKR_ATTRIBUTE_SENSITIVE</c>.</summary>
    Pkcs11CkrAttributeSensitive = 1088,
    /// <summary>PKCS#11 answered <c>CKR_ATTRIBUTE_TYPE_INVALID</c>.</summary>
    Pkcs11CkrAttributeTypeInvalid = 1089,
    /// <summary>PKCS#11 answered <c>CKR_ATTRIBUTE_VALUE_INVALID</c>.</summary>
    Pkcs11CkrAttributeValueInvalid = 1090,
    /// <summary>PKCS#11 answered <c>CKR_ACTION_PROHIBITED</c>.</summary>
    Pkcs11CkrActionProhibited = 1091,
    /// <summary>PKCS#11 answered <c>CKR_DATA_INVALID</c>.</summary>
    Pkcs11CkrDataInvalid = 1092,
    /// <summary>PKCS#11 answered <c>CKR_DATA_LEN_RANGE</c>.</summary>
    Pkcs11CkrDataLenRange = 1093,
    /// <summary>PKCS#11 answered <c>CKR_DEVICE_ERROR</c>.</summary>
    Pkcs11CkrDeviceError = 1094,
    /// <summary>PKCS#11 answered <c>CKR_DEVICE_MEMORY</c>.</summary>
    Pkcs11CkrDeviceMemory = 1095,
    /// <summary>PKCS#11 answered <c>CKR_DEVICE_REMOVED</c>.</summary>
    Pkcs11CkrDeviceRemoved = 1096,
    /// <summary>PKCS#11 answered <c>CKR_ENCRYPTED_DATA_INVALID</c>.</summary>
    Pkcs11CkrEncryptedDataInvalid = 1097,
    /// <summary>PKCS#11 answered <c>CKR_ENCRYPTED_DATA_LEN_RANGE</c>.</summary>
    Pkcs11CkrEncryptedDataLenRange = 1098,
    /// <summary>PKCS#11 answered <c>CKR_FUNCTION_CANCELED</c>.</summary>
    Pkcs11CkrFunctionCanceled = 1099,
    /// <summary>PKCS#11 answered <c>CKR_FUNCTION_NOT_PARALLEL</c>.</summary>
    Pkcs11CkrFunctionNotParallel = 1100,
    /// <summary>PKCS#11 answered <c>CKR_FUNCTION_NOT_SUPPORTED</c>.</summary>
    Pkcs11CkrFunctionNotSupported = 1101,
    /// <summary>PKCS#11 answered <c>CKR_KEY_HANDLE_INVALID</c>.</summary>
    Pkcs11CkrKeyHandleInvalid = 1102,
    /// <summary>PKCS#11 answered <c>CKR_KEY_SIZE_RANGE</c>.</summary>
    Pkcs11CkrKeySizeRange = 1103,
    /// <summary>PKCS#11 answered <c>CKR_KEY_TYPE_INCONSISTENT</c>.</summary>
    Pkcs11CkrKeyTypeInconsistent = 1104,
    /// <summary>PKCS#11 answered <c>CKR_KEY_NOT_NEEDED</c>.</summary>
    Pkcs11CkrKeyNotNeeded = 1105,
    /// <summary>PKCS#11 answered <c>CKR_KEY_CHANGED</c>.</summary>
    Pkcs11CkrKeyChanged = 1106,
    /// <summary>PKCS#11 answered <c>CKR_KEY_NEEDED</c>.</summary>
    Pkcs11CkrKeyNeeded = 1107,
    /// <summary>PKCS#11 answered <c>CKR_KEY_INDIGESTIBLE</c>.</summary>
    Pkcs11CkrKeyIndigestible = 1108,
    /// <summary>PKCS#11 answered <c>CKR_KEY_FUNCTION_NOT_PERMITTED</c>.</summary>
    Pkcs11CkrKeyFunctionNotPermitted = 1109,
    /// <summary>PKCS#11 answered <c>CKR_KEY_NOT_WRAPPABLE</c>.</summary>
    Pkcs11CkrKeyNotWrappable = 1110,
    /// <summary>PKCS#11 answered <c>CKR_KEY_UNEXTRACTABLE</c>.</summary>
    Pkcs11CkrKeyUnextractable = 1111,
    /// <summary>PKCS#11 answered <c>CKR_MECHANISM_INVALID</c>.</summary>
    Pkcs11CkrMechanismInvalid = 1112,
    /// <summary>PKCS#11 answered <c>CKR_MECHANISM_PARAM_INVALID</c>.</summary>
    Pkcs11CkrMechanismParamInvalid = 1113,
    /// <summary>PKCS#11 answered <c>CKR_OBJECT_HANDLE_INVALID</c>.</summary>
    Pkcs11CkrObjectHandleInvalid = 1114,
    /// <summary>PKCS#11 answered <c>CKR_OPERATION_ACTIVE</c>.</summary>
    Pkcs11CkrOperationActive = 1115,
    /// <summary>PKCS#11 answered <c>CKR_OPERATION_NOT_INITIALIZED</c>.</summary>
    Pkcs11CkrOperationNotInitialized = 1116,
    /// <summary>PKCS#11 answered <c>CKR_PIN_INCORRECT</c>.</summary>
    Pkcs11CkrPinIncorrect = 1117,
    /// <summary>PKCS#11 answered <c>CKR_PIN_INVALID</c>.</summary>
    Pkcs11CkrPinInvalid = 1118,
    /// <summary>PKCS#11 answered <c>CKR_PIN_LEN_RANGE</c>.</summary>
    Pkcs11CkrPinLenRange = 1119,
    /// <summary>PKCS#11 answered <c>CKR_PIN_EXPIRED</c>.</summary>
    Pkcs11CkrPinExpired = 1120,
    /// <summary>PKCS#11 answered <c>CKR_PIN_LOCKED</c>.</summary>
    Pkcs11CkrPinLocked = 1121,
    /// <summary>PKCS#11 answered <c>CKR_SESSION_CLOSED</c>.</summary>
    Pkcs11CkrSessionClosed = 1122,
    /// <summary>PKCS#11 answered <c>CKR_SESSION_COUNT</c>.</summary>
    Pkcs11CkrSessionCount = 1123,
    /// <summary>PKCS#11 answered <c>CKR_SESSION_HANDLE_INVALID</c>.</summary>
    Pkcs11CkrSessionHandleInvalid = 1124,
    /// <summary>PKCS#11 answered <c>CKR_SESSION_PARALLEL_NOT_SUPPORTED</c>.</summary>
    Pkcs11CkrSessionParallelNotSupported = 1125,
    /// <summary>PKCS#11 answered <c>CKR_SESSION_READ_ONLY</c>.</summary>
    Pkcs11CkrSessionReadOnly = 1126,
    /// <summary>PKCS#11 answered <c>CKR_SESSION_EXISTS</c>.</summary>
    Pkcs11CkrSessionExists = 1127,
    /// <summary>PKCS#11 answered <c>CKR_SESSION_READ_ONLY_EXISTS</c>.</summary>
    Pkcs11CkrSessionReadOnlyExists = 1128,
    /// <summary>PKCS#11 answered <c>CKR_SESSION_READ_WRITE_SO_EXISTS</c>.</summary>
    Pkcs11CkrSessionReadWriteSoExists = 1129,
    /// <summary>PKCS#11 answered <c>CKR_SIGNATURE_INVALID</c>.</summary>
    Pkcs11CkrSignatureInvalid = 1130,
    /// <summary>PKCS#11 answered <c>CKR_SIGNATURE_LEN_RANGE</c>.</summary>
    Pkcs11CkrSignatureLenRange = 1131,
    /// <summary>PKCS#11 answered <c>CKR_TEMPLATE_INCOMPLETE</c>.</summary>
    Pkcs11CkrTemplateIncomplete = 1132,
    /// <summary>PKCS#11 answered <c>CKR_TEMPLATE_INCONSISTENT</c>.</summary>
    Pkcs11CkrTemplateInconsistent = 1133,
    /// <summary>PKCS#11 answered <c>CKR_TOKEN_NOT_PRESENT</c>.</summary>
    Pkcs11CkrTokenNotPresent = 1134,
    /// <summary>PKCS#11 answered <c>CKR_TOKEN_NOT_RECOGNIZED</c>.</summary>
    Pkcs11CkrTokenNotRecognized = 1135,
    /// <summary>PKCS#11 answered <c>CKR_TOKEN_WRITE_PROTECTED</c>.</summary>
    Pkcs11CkrTokenWriteProtected = 1136,
    /// <summary>PKCS#11 answered <c>CKR_UNWRAPPING_KEY_HANDLE_INVALID</c>.</summary>
    Pkcs11CkrUnwrappingKeyHandleInvalid = 1137,
    /// <summary>PKCS#11 answered <c>CKR_UNWRAPPING_KEY_SIZE_RANGE</c>.</summary>
    Pkcs11CkrUnwrappingKeySizeRange = 1138,
    /// <summary>PKCS#11 answered <c>CKR_UNWRAPPING_KEY_TYPE_INCONSISTENT</c>.</summary>
    Pkcs11CkrUnwrappingKeyTypeInconsistent = 1139,
    /// <summary>PKCS#11 answered <c>CKR_USER_ALREADY_LOGGED_IN</c>.</summary>
    Pkcs11CkrUserAlreadyLoggedIn = 1140,
    /// <summary>PKCS#11 answered <c>CKR_USER_NOT_LOGGED_IN</c>.</summary>
    Pkcs11CkrUserNotLoggedIn = 1141,
    /// <summary>PKCS#11 answered <c>CKR_USER_PIN_NOT_INITIALIZED</c>.</summary>
    Pkcs11CkrUserPinNotInitialized = 1142,
    /// <summary>PKCS#11 answered <c>CKR_USER_TYPE_INVALID</c>.</summary>
    Pkcs11CkrUserTypeInvalid = 1143,
    /// <summary>PKCS#11 answered <c>CKR_USER_ANOTHER_ALREADY_LOGGED_IN</c>.</summary>
    Pkcs11CkrUserAnotherAlreadyLoggedIn = 1144,
    /// <summary>PKCS#11 answered <c>CKR_USER_TOO_MANY_TYPES</c>.</summary>
    Pkcs11CkrUserTooManyTypes = 1145,
    /// <summary>PKCS#11 answered <c>CKR_WRAPPED_KEY_INVALID</c>.</summary>
    Pkcs11CkrWrappedKeyInvalid = 1146,
    /// <summary>PKCS#11 answered <c>CKR_WRAPPED_KEY_LEN_RANGE</c>.</summary>
    Pkcs11CkrWrappedKeyLenRange = 1147,
    /// <summary>PKCS#11 answered <c>CKR_WRAPPING_KEY_HANDLE_INVALID</c>.</summary>
    Pkcs11CkrWrappingKeyHandleInvalid = 1148,
    /// <summary>PKCS#11 answered <c>CKR_WRAPPING_KEY_SIZE_RANGE</c>.</summary>
    Pkcs11CkrWrappingKeySizeRange = 1149,
    /// <summary>PKCS#11 answered <c>CKR_WRAPPING_KEY_TYPE_INCONSISTENT</c>.</summary>
    Pkcs11CkrWrappingKeyTypeInconsistent = 1150,
    /// <summary>PKCS#11 answered <c>CKR_RANDOM_SEED_NOT_SUPPORTED</c>.</summary>
    Pkcs11CkrRandomSeedNotSupported = 1151,
    /// <summary>PKCS#11 answered <c>CKR_RANDOM_NO_RNG</c>.</summary>
    Pkcs11CkrRandomNoRng = 1152,
    /// <summary>PKCS#11 answered <c>CKR_DOMAIN_PARAMS_INVALID</c>.</summary>
    Pkcs11CkrDomainParamsInvalid = 1153,
    /// <summary>PKCS#11 answered <c>CKR_CURVE_NOT_SUPPORTED</c>.</summary>
    Pkcs11CkrCurveNotSupported = 1154,
    /// <summary>PKCS#11 answered <c>CKR_BUFFER_TOO_SMALL</c>.</summary>
    Pkcs11CkrBufferTooSmall = 1155,
    /// <summary>PKCS#11 answered <c>CKR_SAVED_STATE_INVALID</c>.</summary>
    Pkcs11CkrSavedStateInvalid = 1156,
    /// <summary>PKCS#11 answered <c>CKR_INFORMATION_SENSITIVE</c>.</summary>
    Pkcs11CkrInformationSensitive = 1157,
    /// <summary>PKCS#11 answered <c>CKR_STATE_UNSAVEABLE</c>.</summary>
    Pkcs11CkrStateUnsaveable = 1158,
    /// <summary>PKCS#11 answered <c>CKR_CRYPTOKI_NOT_INITIALIZED</c>.</summary>
    Pkcs11CkrCryptokiNotInitialized = 1159,
    /// <summary>PKCS#11 answered <c>CKR_CRYPTOKI_ALREADY_INITIALIZED</c>.</summary>
    Pkcs11CkrCryptokiAlreadyInitialized = 1160,
    /// <summary>PKCS#11 answered <c>CKR_MUTEX_BAD</c>.</summary>
    Pkcs11CkrMutexBad = 1161,
    /// <summary>PKCS#11 answered <c>CKR_MUTEX_NOT_LOCKED</c>.</summary>
    Pkcs11CkrMutexNotLocked = 1162,
    /// <summary>PKCS#11 answered <c>CKR_NEW_PIN_MODE</c>.</summary>
    Pkcs11CkrNewPinMode = 1163,
    /// <summary>PKCS#11 answered <c>CKR_NEXT_OTP</c>.</summary>
    Pkcs11CkrNextOtp = 1164,
    /// <summary>PKCS#11 answered <c>CKR_EXCEEDED_MAX_ITERATIONS</c>.</summary>
    Pkcs11CkrExceededMaxIterations = 1165,
    /// <summary>PKCS#11 answered <c>CKR_FIPS_SELF_TEST_FAILED</c>.</summary>
    Pkcs11CkrFipsSelfTestFailed = 1166,
    /// <summary>PKCS#11 answered <c>CKR_LIBRARY_LOAD_FAILED</c>.</summary>
    Pkcs11CkrLibraryLoadFailed = 1167,
    /// <summary>PKCS#11 answered <c>CKR_PIN_TOO_WEAK</c>.</summary>
    Pkcs11CkrPinTooWeak = 1168,
    /// <summary>PKCS#11 answered <c>CKR_PUBLIC_KEY_INVALID</c>.</summary>
    Pkcs11CkrPublicKeyInvalid = 1169,
    /// <summary>PKCS#11 answered <c>CKR_FUNCTION_REJECTED</c>.</summary>
    Pkcs11CkrFunctionRejected = 1170,
    /// <summary>The event loop asked for does not belong to the bootstrap's group.</summary>
    PinnedEventLoopMismatch = 1171,
    /// <summary>PKCS#11 data could not be encoded.</summary>
    Pkcs11EncodingError = 1172,
    /// <summary>No default trust store was found; name one in the TLS options.</summary>
    TlsDefaultTrustStoreNotFound = 1173,
    /// <summary>Seeking in the stream failed.</summary>
    StreamSeekFailed = 1174,
    /// <summary>The stream's length could not be read.</summary>
    StreamGetLengthFailed = 1175,
    /// <summary>The stream cannot seek.</summary>
    StreamSeekUnsupported = 1176,
    /// <summary>The stream's length is not known.</summary>
    StreamGetLengthUnsupported = 1177,
    /// <summary>Reading TLS data failed.</summary>
    TlsReadFailure = 1178,
    /// <summary>The PEM text is malformed.</summary>
    PemMalformed = 1179,
    /// <summary>The socket has no event loop.</summary>
    SocketMissingEventLoop = 1180,
    /// <summary>The peer's root certificate is not known.</summary>
    TlsUnknownRootCertificate = 1181,
    /// <summary>No root certificate was found.</summary>
    TlsNoRootCertificateFound = 1182,
    /// <summary>The own certificate has expired.</summary>
    TlsCertificateExpired = 1183,
    /// <summary>The own certificate is not valid yet.</summary>
    TlsCertificateNotYetValid = 1184,
    /// <summary>The own certificate is not usable.</summary>
    TlsBadCertificate = 1185,
    /// <summary>The peer's certificate has expired.</summary>
    TlsPeerCertificateExpired = 1186,
    /// <summary>The peer's certificate is not usable.</summary>
    TlsBadPeerCertificate = 1187,
    /// <summary>The peer's certificate was revoked.</summary>
    TlsPeerCertificateRevoked = 1188,
    /// <summary>The peer's certificate is unknown.</summary>
    TlsPeerCertificateUnknown = 1189,
    /// <summary>The TLS library failed internally.</summary>
    TlsInternalError = 1190,
    /// <summary>The TLS connection was closed by close_notify.</summary>
    TlsClosedGraceful = 1191,
    /// <summary>The TLS connection was aborted.</summary>
    TlsClosedAbort = 1192,
    /// <summary>The certificate chain is not valid.</summary>
    TlsInvalidCertificateChain = 1193,
    /// <summary>The certificate does not match the host name.</summary>
    TlsHostNameMismatch = 1194,
    /// <summary>The name look-up failed for now; a later one may succeed.</summary>
    DnsQueryAgain = 1195,
}
