import { describe, expect, it } from 'vitest';
import { toConnectionError } from '../../../lib/vsphere/transport/connection-faults.ts';

const CALL = { origin: 'RetrieveServiceContent on vc01', url: 'https://vc01.example.org/sdk' };
const nodeError = (code: string, message: string) => Object.assign(new Error(message), { code });

describe('a request that got no answer', () => {
  it.each([
    ['ENOTFOUND', 'dns', false, 'Check the name in the url and the DNS'],
    ['EAI_AGAIN', 'dns', true, 'Check the name in the url and the DNS'],
    ['ECONNREFUSED', 'connection-refused', true, 'Check the address and port of the url'],
    ['ETIMEDOUT', 'timeout', true, 'the firewalls between'],
    ['EHOSTUNREACH', 'unreachable', true, 'the firewalls between'],
    ['ECONNRESET', 'cut-off', true, 'check the port of the url'],
  ])('says of %s where it was tried and what to do', (nodeCode, code, retryable, remedy) => {
    const error = toConnectionError(nodeError(nodeCode, 'the words of Node'), CALL);
    expect(error).toMatchObject({ code, retryable });
    expect(error.message).toContain(
      `vc01 failed (${code}): the words of Node, at https://vc01.example.org/sdk. `,
    );
    expect(error.message).toContain(remedy);
  });

  it('has a reason also when every address of a name failed, of which Node says nothing', () => {
    const error = toConnectionError(nodeError('ECONNREFUSED', ''), CALL);
    expect(error.message).toContain('failed (connection-refused): ECONNREFUSED, at https://');
  });

  it('leaves the words of TLS as they are', () => {
    const error = toConnectionError(nodeError('ERR_SSL_X', 'what TLS says'), CALL);
    expect(error.message).toBe('RetrieveServiceContent on vc01 failed (tls): what TLS says');
  });

  it('shows the url of a peer that speaks no HTTP', () => {
    const error = toConnectionError(nodeError('HPE_INVALID_CONSTANT', 'Parse Error'), CALL);
    expect(error).toMatchObject({ code: 'not-soap', retryable: false });
    expect(error.message).toContain('Check the port of the url (https://vc01.example.org/sdk)');
  });
});
