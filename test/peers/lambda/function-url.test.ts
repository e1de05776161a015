import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TEST_ACCOUNT } from '../../support/lambda/aws-environment.ts';
import { type FunctionUrl, startFunctionUrl } from '../../support/lambda/function-url.ts';
import { POLL_FUNCTION, type PollFunction, startPollFunction } from '../../support/lambda/poll-function.ts';
import { describeWithPeers } from '../../support/peers/peer-requirements.ts';

const run = promisify(execFile);
const { region, credentials } = TEST_ACCOUNT;
const PAGE = readFileSync(join(import.meta.dirname, '../../../docs/vpoller.md'), 'utf8');
/** The command as docs/vpoller.md has it. */
const COMMAND = /^curl --aws-sigv4 [\s\S]*?(?=\n```)/m.exec(PAGE)?.[0] ?? '';
const ABOUT = `'{"method": "about", "hostname": "vc01.example.org"}'`;

describeWithPeers(['curl'], 'the URL of the poll function, called by curl as the docs say', () => {
  let deployed: PollFunction;
  let functionUrl: FunctionUrl;
  beforeAll(async () => {
    deployed = await startPollFunction();
    functionUrl = await startFunctionUrl((event) => deployed.poll(event));
  });
  afterAll(async () => {
    await functionUrl?.[Symbol.asyncDispose]();
    await deployed?.[Symbol.asyncDispose]();
  });

  const curl = async (body: string, env: Readonly<Record<string, string>> = {}) => {
    const command = `${COMMAND.replace(ABOUT, '"$BODY"')} --silent --write-out '\\n%{http_code}'`;
    const { stdout } = await run('bash', ['-c', command], {
      env: {
        PATH: process.env['PATH'],
        AWS_REGION: region,
        AWS_ACCESS_KEY_ID: credentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
        AWS_SESSION_TOKEN: credentials.sessionToken,
        POLL_URL: functionUrl.url,
        BODY: body,
        ...env,
      },
    });
    const [text = '', status] = stdout.split('\n');
    return { status: Number(status), reply: JSON.parse(text) };
  };

  it('answers a request, and a list with guest credentials', async () => {
    expect(COMMAND).toContain(ABOUT);
    const { status, reply } = await curl('{"method": "about", "hostname": "vc01"}');
    expect({ status, reply }).toMatchObject({ status: 200, reply: { success: 0, result: [{}] } });
    const guest = {
      method: 'vm.process.get',
      hostname: 'vc01',
      name: 'vm1',
      username: 'root',
      password: 'Leak3',
    };
    const list = await curl(JSON.stringify([guest, { method: 'host.discover', hostname: 'vc01' }]));
    expect(list.reply).toMatchObject([{ msg: 'Cannot find object vm1' }, { result: [{}, {}, {}] }]);
  });

  it('says that a body is no request', async () => {
    expect(await curl('hello')).toEqual({
      status: 400,
      reply: { success: 1, msg: 'Invalid message received' },
    });
  });

  it('does not start for who signs with another key', async () => {
    const before = deployed.lambda.invocations(POLL_FUNCTION).length;
    const body = '{"method": "about", "hostname": "vc01"}';
    expect(await curl(body, { AWS_SECRET_ACCESS_KEY: 'wrong' })).toMatchObject({ status: 403 });
    expect(await curl(body, { AWS_REGION: 'us-west-2' })).toMatchObject({ status: 403 });
    expect(deployed.lambda.invocations(POLL_FUNCTION).length).toBe(before);
  });
});
