import { describe, expect, it } from 'vitest';
import { connectTcp, toConnectError } from '../../../lib/esxi/connect-tcp.ts';
import { SshError } from '../../../lib/esxi/errors.ts';

const HOST = { host: 'esx1.example.org', port: 22 };
const failure = (code: string) => Object.assign(new Error(`connect ${code}`), { code });

describe('toConnectError', () => {
  it.each(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EADDRNOTAVAIL'])(
    'does not blame the host for %s, which this machine is short of',
    (code) => {
      const error = failure(code);
      expect(toConnectError(error, HOST)).toBe(error);
    },
  );

  it.each(['ECONNREFUSED', 'ECONNRESET', 'EHOSTUNREACH'])(
    'asks for ssh service and firewall at %s',
    (code) => {
      const error = failure(code);
      const told = toConnectError(error, HOST);
      expect(told).toMatchObject({ code: 'connection-refused', retryable: true, cause: error });
      expect(told.message).toBe(
        `esx1.example.org:22: connection failed (${code}); check that the ssh service is started and that the firewall of the host allows this machine`,
      );
    },
  );

  it('calls it a time-out when the system gave up first', () => {
    const error = failure('ETIMEDOUT');
    const told = toConnectError(error, HOST);
    expect(told).toMatchObject({ code: 'timeout', cause: error });
    expect(told.message).toBe(
      'esx1.example.org:22: the TCP connection timed out; check the host and the firewalls between',
    );
  });

  it('shows the text of an error without a code', () => {
    expect(toConnectError(new Error('no way'), HOST).message).toContain('connection failed (no way); ');
  });
});

describe('connectTcp, of a name', () => {
  const caller = () => {
    const controller = new AbortController();
    return { signal: controller.signal, giveUp: () => controller.abort(new Error('enough')) };
  };

  it.each([
    [failure('ENOTFOUND'), 'ENOTFOUND'],
    [new Error('what?'), 'what?'],
  ])('says that it is not resolved (%s), and what to correct', async (error, why) => {
    const resolveName = () => Promise.reject(error);
    const connecting = connectTcp(HOST, { resolveName }, caller());
    await expect(connecting).rejects.toMatchObject({ code: 'dns', cause: error });
    await expect(connecting).rejects.toThrow(
      `esx1.example.org:22: the name cannot be resolved (${why}); correct esxi.address, esxi.domain or the DNS`,
    );
  });

  it('blames the time when the question ended with it', async () => {
    const { signal, giveUp } = caller();
    const resolveName = async () => {
      giveUp();
      throw failure('ECANCELLED');
    };
    const connecting = connectTcp(HOST, { resolveName }, { signal });
    await expect(connecting).rejects.toMatchObject({ code: 'dns', cause: signal.reason });
    await expect(connecting).rejects.toThrow('the name was not resolved in time');
  });

  it('does not ask when the time is over, and does not connect when it is over by the answer', async () => {
    const { signal, giveUp } = caller();
    const asked: string[] = [];
    const resolveName = async (name: string) => {
      asked.push(name);
      giveUp();
      return ['127.0.0.1'];
    };
    const late = connectTcp(HOST, { resolveName }, { signal });
    await expect(late).rejects.toMatchObject({ code: 'timeout', cause: signal.reason });
    await expect(late).rejects.toBeInstanceOf(SshError);
    await expect(connectTcp(HOST, { resolveName }, { signal })).rejects.toMatchObject({ code: 'dns' });
    expect(asked).toEqual(['esx1.example.org']);
  });
});
