import { describe, expect, it } from 'vitest';
import { VsphereReplyError } from '../../../lib/vsphere/errors.ts';
import { errorTypeOf, statusError } from '../../../lib/vsphere/rest/rest-exchange.ts';
import { toRestLoginError } from '../../../lib/vsphere/rest/rest-login-error.ts';

const WHO = { endpoint: 'vc01', account: 'monitor' };
const ofStatus = (status: number) =>
  new VsphereReplyError(`HTTP ${status}`, { code: 'status', status, retryable: false });
const made = (error: unknown, sent = true) => toRestLoginError(error, { ...WHO, sent });

describe('toRestLoginError', () => {
  it.each([true, false])(
    'of a login whose password did not leave is tried again where its cause may be (%s)',
    (retryable) => {
      const error = made(new VsphereReplyError('no route', { code: 'truncated', retryable }), false);
      expect(error).toMatchObject({ code: 'login-not-sent', retryable });
      expect(error.message).toBe('no login to the REST API of vc01 (no password was sent): no route');
      expect(made(new Error('x'), false).retryable).toBe(false);
    },
  );

  it.each([401, 403])('of HTTP %i is a refusal, and says what to check', (status) => {
    expect(made(ofStatus(status))).toMatchObject({
      code: 'login-refused',
      message: `the REST API of vc01 refused the login of monitor (HTTP ${status}), which its SOAP API accepted. Check that the account may log in to single sign-on, and is not locked`,
    });
  });

  it.each([429, 503, 200, 201, 299])('of HTTP %i is neither a yes nor a no', (status) => {
    expect(made(ofStatus(status))).toMatchObject({
      code: 'login-undecided',
      message: `the REST API of vc01 neither accepted nor refused the login of monitor: HTTP ${status}`,
    });
  });

  it.each([ofStatus(500), ofStatus(300), ofStatus(199), new Error('cut off')])(
    'of %s after the password was sent counts as a refusal',
    (error) => {
      expect(made(error)).toMatchObject({
        code: 'login-cut-off',
        message: `the login of monitor to the REST API of vc01 failed after the password was sent, and counts as a refusal: ${error.message}`,
      });
    },
  );
});

describe('statusError', () => {
  const errorOf = (status: number, text: string) =>
    statusError('GET on vc01', { status, text } as Parameters<typeof statusError>[1], 'Look there.');

  it.each([
    [429, true],
    [502, true],
    [503, true],
    [504, true],
    [500, false],
    [404, false],
  ])('of HTTP %i may be asked again: %s', (status, retryable) => {
    expect(errorOf(status, '')).toMatchObject({ code: 'status', status, retryable });
  });

  it('names the kind of error that vSphere has, and no other word of it', () => {
    expect(errorOf(404, '{"error_type":"NOT_FOUND","messages":["s3cret"]}').message).toBe(
      'GET on vc01 returned HTTP 404 (NOT_FOUND). Look there.',
    );
    expect(errorOf(404, '{"error_type":"S3CRET"}').message).toBe(
      'GET on vc01 returned HTTP 404. Look there.',
    );
  });
});

describe('errorTypeOf', () => {
  // vSphere Automation API, com.vmware.vapi.std.errors.
  const STANDARD =
    'already_exists already_in_desired_state canceled concurrent_change error feature_in_use internal_server_error ' +
    'invalid_argument invalid_element_configuration invalid_element_type invalid_request not_allowed_in_current_state ' +
    'not_found operation_not_found resource_busy resource_in_use resource_inaccessible service_unavailable timed_out ' +
    'unable_to_allocate_resource unauthenticated unauthorized unexpected_input unsupported unverified_peer';

  it.each(STANDARD.split(' '))('knows %s in both forms of the API', (name) => {
    expect(errorTypeOf(`{"type": "com.vmware.vapi.std.errors.${name}", "value": {}}`)).toBe(
      name.toUpperCase(),
    );
    expect(errorTypeOf(`{"error_type": "${name.toUpperCase()}"}`)).toBe(name.toUpperCase());
  });

  it.each(['', '{}', '{"error_type": ""}', '<html>', '{"message": "x", "error_type": "NOT_FOUND"}'])(
    'finds none in %s',
    (text) => {
      expect(errorTypeOf(text)).toBe('');
    },
  );
});
