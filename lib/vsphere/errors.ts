import { VsweepError } from '../platform/errors.ts';

/** No answer came: the peer could not be reached, was not the right one, or went away. */
export class VsphereConnectionError extends VsweepError<
  'dns' | 'connection-refused' | 'timeout' | 'unreachable' | 'tls' | 'cut-off'
> {}

/**
 * An answer came that is no usable SOAP reply. `status`: an HTTP error without a SOAP fault; `not-soap`: HTML or some
 * other thing than a reply to this call; `malformed`: XML that is none; `truncated`: it ends half-way; `too-large`:
 * beyond the limits of a reply or of one object.
 */
export class VsphereReplyError extends VsweepError<
  'status' | 'not-soap' | 'malformed' | 'truncated' | 'too-large'
> {
  /** The HTTP status of an answer without a SOAP fault. */
  readonly status: number | undefined;

  constructor(
    message: string,
    options: { code: VsphereReplyError['code']; retryable?: boolean; status?: number; cause?: unknown },
  ) {
    super(message, options);
    this.status = options.status;
  }
}

/** The endpoint lacks the service that a call needs, as ESXi hosts lack some of vCenter's. */
export class VsphereUnsupportedError extends VsweepError<'unsupported'> {}

/** vSphere answered with a fault. */
export class VsphereFaultError extends VsweepError<'fault'> {
  /** The name of vSphere's fault type, such as `NotAuthenticated`; `Unspecified` when it sent none. */
  readonly fault: string;
  /** The peer's own words; empty when they would have repeated a secret. */
  readonly faultText: string;
  /** The fault's own fields that are texts or references, such as `invalidProperty` of an InvalidArgument. */
  readonly fields: ReadonlyMap<string, string>;

  constructor(
    origin: string,
    { fault, text, fields }: { fault: string; text: string; fields?: ReadonlyMap<string, string> },
  ) {
    super(`${origin} returned the fault ${fault}${text === '' ? '' : `: ${text}`}`, {
      code: 'fault',
    });
    this.fault = fault;
    this.faultText = text;
    this.fields = fields ?? new Map();
  }
}

/** The fault of a call, and of each property, in a session that has ended. */
export const NOT_AUTHENTICATED = 'NotAuthenticated';

/** The fault of a call, and of each property, for which the account lacks a privilege; its field `privilegeId` says which. */
export const NO_PERMISSION = 'NoPermission';

/** The session has ended (idle time-out, logged out elsewhere, restart). */
export function isNotAuthenticated(error: unknown): boolean {
  return error instanceof VsphereFaultError && error.fault === NOT_AUTHENTICATED;
}

/** The server knows no such path of a type. */
export function isInvalidProperty(error: unknown): error is VsphereFaultError {
  return error instanceof VsphereFaultError && error.fault === 'InvalidProperty';
}

/**
 * A login by password that did not succeed; `login` throws nothing else. `credentialSent` is what a lockout budget
 * goes by: when true, the far side may have counted a refusal.
 * `login-refused`: it said no. `login-undecided`: it said that it cannot tell, as a vCenter does whose single sign-on
 * is not up yet. `login-cut-off`: the password was sent and no answer came that says one of the three.
 * `login-not-sent`: it failed before the first byte of the password.
 */
export class VsphereLoginError extends VsweepError<LoginErrorCode> {
  readonly credentialSent: boolean;

  constructor(message: string, options: { code: LoginErrorCode; retryable?: boolean; cause?: unknown }) {
    super(message, options);
    this.credentialSent = options.code !== 'login-not-sent';
  }
}

export type LoginErrorCode = 'login-refused' | 'login-undecided' | 'login-cut-off' | 'login-not-sent';

/** vSphere refused the account: a wrong password, a locked account, or no permission anywhere in the inventory. */
export class VsphereLoginRefusedError extends VsphereLoginError {
  readonly fault: string;

  constructor(endpoint: string, account: string, refusal: VsphereFaultError) {
    const remedy =
      refusal.fault === 'NoPermission'
        ? 'Give the account the role "Read-only" on the root folder'
        : 'Check the user name and the password, and whether the account is locked';
    const said = refusal.faultText === '' ? '' : ` (${refusal.faultText})`;
    super(`${endpoint} refused the login of ${account}: ${refusal.fault}${said}. ${remedy}`, {
      code: 'login-refused',
    });
    this.fault = refusal.fault;
  }
}

/**
 * A property path that vSphere would refuse, found before it was sent. `not-a-path`: it is not written like one;
 * `unknown-type`, `unknown-property`: the API has no such name; `unreachable`: no path leads there, but another
 * request does; `wrong-key`: the key of an element is not of its array; `secret`: it may hold one, and is not allowed.
 */
export class VspherePathError extends VsweepError<
  'not-a-path' | 'unknown-type' | 'unknown-property' | 'unreachable' | 'wrong-key' | 'secret'
> {
  /** The right name or path that was likely meant. */
  readonly suggestion: string | undefined;

  constructor(message: string, options: { code: VspherePathError['code']; suggestion?: string | undefined }) {
    super(message, { code: options.code });
    this.suggestion = options.suggestion;
  }
}
