import { describe, expect, it } from 'vitest';
import {
  VsphereConnectionError,
  VsphereFaultError,
  VsphereLoginRefusedError,
  VsphereReplyError,
} from '../../../lib/vsphere/errors.ts';
import { toLoginError } from '../../../lib/vsphere/session/login-error.ts';

const WHO = { endpoint: 'vc01', account: 'sweeper' };
const faulted = (fault: string, text = '') => new VsphereFaultError('Login on vc01', { fault, text });
const answered = (status: number) =>
  new VsphereReplyError(`Login on vc01 returned HTTP ${status}`, { code: 'status', status });
const codeOf = (error: unknown) => toLoginError(error, { ...WHO, sent: true }).code;

describe('toLoginError, once the password was sent', () => {
  // Those that SessionManager.Login declares, and what inherits from them in the API of vSphere 9.
  it.each(['InvalidLogin', 'PasswordExpired', 'InvalidClientCertificate', 'NoPermission'])(
    'takes %s for a refusal',
    (fault) => {
      const error = toLoginError(faulted(fault), { ...WHO, sent: true });
      expect(error).toBeInstanceOf(VsphereLoginRefusedError);
      expect(error).toMatchObject({ code: 'login-refused', fault, credentialSent: true });
    },
  );

  it('says of an account that may log in and see nothing which role it needs', () => {
    expect(toLoginError(faulted('NoPermission'), { ...WHO, sent: true }).message).toBe(
      'vc01 refused the login of sweeper: NoPermission. Give the account the role "Read-only" on the root folder',
    );
  });

  it('shows the text of a refusal, and what to check', () => {
    expect(
      toLoginError(faulted('InvalidLogin', 'Cannot complete login'), { ...WHO, sent: true }).message,
    ).toBe(
      'vc01 refused the login of sweeper: InvalidLogin (Cannot complete login). Check the user name and the password, ' +
        'and whether the account is locked',
    );
  });

  // The declared one that is none, and runtime faults, which any method may throw.
  it.each([
    'InvalidLocale',
    'SystemError',
    'HostConnectFault',
    'HostCommunication',
    'NotSupported',
    'RuntimeFault',
    'RequestCanceled',
    'InvalidRequest',
    'MethodNotFound',
  ])('takes %s for an answer that is neither yes nor no', (fault) => {
    expect(codeOf(faulted(fault))).toBe('login-undecided');
  });

  // Broadcom knowledge base 421381, and what vpxd says while its single sign-on is not up after a reboot.
  it('shows the fault of a single sign-on that is not up, and where to look', () => {
    const text = 'A general system error occurred: Authorize Exception';
    expect(toLoginError(faulted('SystemError', text), { ...WHO, sent: true }).message).toBe(
      'vc01 neither accepted nor refused the login of sweeper: Login on vc01 returned the fault SystemError: ' +
        'A general system error occurred: Authorize Exception. Its services may be starting. If it persists, check ' +
        'single sign-on and the certificates of its services',
    );
  });

  it('takes HTTP 503, which is the proxy of a vCenter without its service, for neither yes nor no', () => {
    expect(codeOf(answered(503))).toBe('login-undecided');
  });

  it.each([
    ['a fault that no table knows, which may be a newer kind of InvalidLogin', faulted('AccountLockedFault')],
    ['a fault without a type', faulted('Unspecified')],
    ['a proxy that gave up waiting', answered(504)],
    ['a proxy whose server went away', answered(502)],
    ['a web page with status 500', answered(500)],
    ['an answer that is no SOAP', new VsphereReplyError('HTML', { code: 'not-soap' })],
    ['an answer that is cut off', new VsphereReplyError('half of it', { code: 'truncated' })],
    ['a connection that is cut off', new VsphereConnectionError('reset', { code: 'cut-off' })],
    ['an abort', new DOMException('out of time', 'AbortError')],
  ])('lets %s count as a refusal', (_what, error) => {
    expect(toLoginError(error, { ...WHO, sent: true })).toMatchObject({
      code: 'login-cut-off',
      credentialSent: true,
      retryable: false,
      cause: error,
      message: `the login of sweeper to vc01 failed after the password was sent, and counts as a refusal: ${error.message}`,
    });
  });
});

it('says of whatever came before the password that it was not sent', () => {
  for (const error of [faulted('InvalidLogin'), faulted('SystemError'), answered(503)])
    expect(toLoginError(error, { ...WHO, sent: false })).toMatchObject({
      code: 'login-not-sent',
      credentialSent: false,
      retryable: false,
      cause: error,
      message: `no login to vc01 (no password was sent): ${error.message}`,
    });
});

it('says of what came before the password whether another login may help', () => {
  const retryable = new VsphereConnectionError('refused', { code: 'connection-refused', retryable: true });
  expect(toLoginError(retryable, { ...WHO, sent: false }).retryable).toBe(true);
  const odd = Object.assign(new Error('odd'), { retryable: true });
  expect(toLoginError(odd, { ...WHO, sent: false }).retryable).toBe(false);
});
