import type { InvokeError } from './invoke.ts';

type Code = Exclude<InvokeError['code'], 'unreachable' | 'function-error'>;

/** The error of Invoke after which nobody knows whether the function runs. */
const LOST = ['ServiceException'];

/** What passes by itself, in seconds to minutes: a place that is not free yet, a start that was too slow. */
const NOT_READY = [
  'CodeArtifactUserDeletedException',
  'CodeArtifactUserPendingException',
  'EC2ThrottledException',
  'EC2UnexpectedException',
  'EFSMountConnectivityException',
  'EFSMountTimeoutException',
  'ENILimitReachedException',
  'ENINotReadyException',
  'ResourceConflictException',
  'ResourceNotReadyException',
  'S3FilesMountConnectivityException',
  'S3FilesMountTimeoutException',
  'SnapStartNotReadyException',
  'SnapStartRegenerationFailureException',
  'SnapStartTimeoutException',
  'SubnetIPAddressLimitReachedException',
];

/** What somebody has to change: the function, its role, its network, its key, or the request. */
const REFUSED = [
  'CodeArtifactUserFailedException',
  'DurableExecutionAlreadyStartedException',
  'EC2AccessDeniedException',
  'EFSIOException',
  'EFSMountFailureException',
  'InvalidParameterValueException',
  'InvalidRequestContentException',
  'InvalidRuntimeException',
  'InvalidSecurityGroupIDException',
  'InvalidSubnetIDException',
  'InvalidZipFileException',
  'KMSAccessDeniedException',
  'KMSDisabledException',
  'KMSInvalidStateException',
  'KMSNotFoundException',
  'ModeNotSupportedException',
  'NoPublishedVersionException',
  'RecursiveInvocationException',
  'RequestTooLargeException',
  'ResourceNotFoundException',
  'S3FilesMountFailureException',
  'SerializedRequestEntityTooLargeException',
  'ServiceQuotaExceededException',
  'SnapStartException',
  'UnsupportedMediaTypeException',
];

const of = (names: readonly string[], code: Code) => names.map((name) => [name, code] as const);

/**
 * What each error of Lambda's Invoke says of the function, by its name, because many that say that it did not start have
 * a status of 500 and above. Source: the errors of InvokeCommand in the model of @aws-sdk/client-lambda, and
 * https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_Errors.
 */
export const INVOKE_FAULTS: ReadonlyMap<string, Code> = new Map([
  ['TooManyRequestsException', 'throttled'],
  ...of(NOT_READY, 'not-ready'),
  ...of(REFUSED, 'refused'),
  ...of(LOST, 'lost'),
]);

/** An error of a name that is not known: one of Lambda's own side may have come after the start. */
export function codeOfStatus(status: number): Code {
  if (status === 429) return 'throttled';
  return status >= 500 ? 'lost' : 'refused';
}
