import { describe, expect, it } from 'vitest';
import { TEST_ACCOUNT } from '../../support/lambda/aws-environment.ts';
import { isSigned } from '../../support/lambda/signature.ts';
import { runVsweep } from '../../support/peers/run-vsweep.ts';
import { createTemporaryFolder } from '../../support/peers/temporary-folder.ts';
import { writeSweepFolder } from '../sweep/sweep-folder.ts';
import { demoHosts, startTarget } from '../vsphere/demo-target.ts';
import { type Answering, type ReceivedRequest, startReceiver } from './receiver.ts';

const { region, credentials } = TEST_ACCOUNT;
const workspaceArn = `arn:aws:aps:${region}:111122223333:workspace/ws-0a1b2c3d`;

const isGood = ({ path = '', headers, body }: ReceivedRequest) =>
  isSigned({ method: 'POST', path, headers, body }, { service: 'aps' });
/** As the service does it: what is not signed for it and unchanged gets nothing stored. */
const likeAps: Answering = (response, request) => void response.writeHead(isGood(request) ? 200 : 403).end();

async function sweepWith(env: Record<string, string>) {
  await using folder = await createTemporaryFolder('remote-write-signed');
  await using peer = await startReceiver([likeAps]);
  await using vcenter = await startTarget({ hosts: demoHosts(5) });
  const remoteWrite = { workspaceArn, url: peer.url };
  await writeSweepFolder(folder.path, vcenter, { name: 'inventory', collectors: ['hosts'] }, { remoteWrite });
  const options = { cwd: folder.path, timeoutMs: 120_000, env: { HOME: folder.path, ...env } };
  const ended = await runVsweep(['sweep', 'inventory'], options);
  return { ...ended, seen: peer.seen, points: peer.points().flat() };
}

const ACCOUNT = {
  AWS_ACCESS_KEY_ID: credentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  AWS_SESSION_TOKEN: credentials.sessionToken,
};

describe('remote write to a workspace', () => {
  it('reaches a receiver that takes nothing but what is signed for it, with the credentials of the SDK', async () => {
    const { exitCode, stderr, seen, points } = await sweepWith(ACCOUNT);
    expect(exitCode, stderr).toBe(0);
    expect(points.filter((text) => text.startsWith('vmware_host_power_state{'))).toHaveLength(5);
    // Which the receiver would find out.
    const [first] = seen as [ReceivedRequest];
    expect(isGood({ ...first, body: Buffer.concat([first.body, Buffer.of(0)]) })).toBe(false);
  }, 240_000);

  it('says what is missing where the wrong account signs, or none, and shows no secret', async () => {
    const wrong = await sweepWith({ ...ACCOUNT, AWS_SECRET_ACCESS_KEY: 'another-secret-0123456789' });
    expect(wrong.exitCode).toBe(1);
    expect(wrong.stdout + wrong.stderr).toMatch(/answered 403 Forbidden\. .*aps:RemoteWrite/);
    expect(wrong.stdout + wrong.stderr).not.toContain('another-secret');
    expect(wrong.seen).toHaveLength(1);
    const none = await sweepWith({ AWS_EC2_METADATA_DISABLED: 'true' });
    expect(none.exitCode).toBe(1);
    expect(none.stdout + none.stderr).toMatch(
      /no credentials of AWS to sign requests for aps: .*Set AWS_PROFILE/,
    );
    expect(none.seen).toEqual([]);
  }, 240_000);
});
