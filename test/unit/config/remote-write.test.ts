import { describe, expect, it } from 'vitest';
import { sections } from '../../../lib/config/schema.ts';

const ARN = 'arn:aws:aps:eu-central-1:111122223333:workspace/ws-0a1b2c3d-0000-4000-8000-0a1b2c3d4e5f';
const parsed = (section: object) => sections.remoteWrite.parse(section);
const messages = (section: object) =>
  sections.remoteWrite.safeParse(section).error?.issues.map(({ message }) => message);

describe('the section remoteWrite', () => {
  it('finds the address and region of a workspace in its ARN, in each partition', () => {
    expect(parsed({ workspaceArn: ARN })).toMatchObject({
      url: 'https://aps-workspaces.eu-central-1.amazonaws.com/workspaces/ws-0a1b2c3d-0000-4000-8000-0a1b2c3d4e5f/api/v1/remote_write',
      region: 'eu-central-1',
    });
    expect(
      parsed({ workspaceArn: ARN.replace('aws:aps:eu-central-1', 'aws-cn:aps:cn-north-1') }),
    ).toMatchObject({
      url: expect.stringMatching(/^https:\/\/aps-workspaces\.cn-north-1\.amazonaws\.com\.cn\/workspaces\//),
    });
  });

  it('signs for the workspace also where it is reached by another address', () => {
    const url =
      'https://vpce-1.aps-workspaces.eu-central-1.vpce.amazonaws.com/workspaces/ws-1/api/v1/remote_write';
    expect(parsed({ workspaceArn: ARN, url })).toMatchObject({ url, region: 'eu-central-1' });
  });

  it('has no region for any other destination, whose requests are not signed', () => {
    expect(parsed({ url: 'http://127.0.0.1:9090/api/v1/write' })).toEqual({
      url: 'http://127.0.0.1:9090/api/v1/write',
      region: undefined,
      externalLabels: {},
      maxBackfill: 3_000_000,
    });
  });

  it.each([
    [{}, 'write a url, or workspaceArn for Amazon Managed Prometheus'],
    [{ workspaceArn: 'ws-1' }, expect.stringMatching(/^write the ARN of a workspace, such as arn:aws:aps:/)],
    [
      { url: 'https://m', token: { env: 'A' }, credentials: { env: 'B' } },
      'credentials and token exclude each other; keep one of them',
    ],
    [
      { workspaceArn: ARN, token: { env: 'A' } },
      'workspaceArn and token exclude each other; keep one of them',
    ],
    [
      { url: 'https://m', externalLabels: { instance: 'x' } },
      'job and instance are the sweep and the target; choose other names',
    ],
    [{ url: 'https://m', externalLabels: { a: '' } }, 'write a text, at most 1024 characters'],
  ])('says of %j what to write', (section, message) => {
    expect(messages(section)).toEqual([message]);
  });

  it.each(['__name__', '__a', 'a-b', '1a', ''])(
    'refuses the label %j, which Prometheus has no room for',
    (name) => {
      expect(
        sections.remoteWrite.safeParse({ url: 'https://m', externalLabels: { [name]: 'x' } }).success,
      ).toBe(false);
    },
  );
});
