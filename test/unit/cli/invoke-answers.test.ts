import { describe, expect, it } from 'vitest';
import {
  printHostkeysAnswer,
  printPollAnswer,
  printSweepAnswer,
  withMissingFunction,
} from '../../../lib/cli/invoke-answers.ts';
import { printSummary } from '../../../lib/cli/print-summary.ts';
import { fingerprint } from '../../../lib/esxi/host-key.ts';
import { InvokeError } from '../../../lib/platform/invoke.ts';
import { notSwept, type RunSummary } from '../../../lib/sweep/result/summary.ts';
import { here, refusal } from '../../support/cli/here.ts';

const QUIET = { json: false, verbose: false };
const answer = (value: unknown) => ({ threw: false, payload: Buffer.from(JSON.stringify(value)) });
const thrown = (errorType: string, errorMessage: string) => ({
  ...answer({ errorType, errorMessage, trace: [] }),
  threw: true,
});
const STRANGE =
  'F sent an answer that this version of vsweep does not understand. Use the same version here and in the deployment';

describe('the answer of a sweep function', () => {
  const summary: RunSummary = {
    runId: 'run-1',
    sweep: 'services',
    scheduledAt: 0,
    startedAt: 0,
    endedAt: 1_000,
    exitCode: 3,
    targets: [notSwept('vc1', 'lease', [])],
  };
  const table = `${printSummary(summary, Number.POSITIVE_INFINITY)}\n`;
  const told = (...[given, options = QUIET]: [Parameters<typeof printSweepAnswer>[1], typeof QUIET?]) =>
    here(async () => printSweepAnswer('F', given, options));

  it('is the run as a table or as JSON, and its exit code', async () => {
    expect(await told(answer(summary))).toEqual({ output: table, errors: '', exitCode: 3 });
    const { output, exitCode } = await told(answer(summary), { ...QUIET, json: true });
    expect(JSON.parse(output)).toMatchObject({ sweep: 'services', targets: [{ status: 'lease' }] });
    expect(exitCode).toBe(3);
  });

  it('is of a run that failed its reason, and the run where it has it', async () => {
    const message = `no push succeeded\n${JSON.stringify(summary)}`;
    expect(await told(thrown('RunFailedError', message))).toEqual({
      output: table,
      errors: 'vsweep: F: RunFailedError: no push succeeded\n',
      exitCode: 1,
    });
    expect(await told(thrown('Error', 'no such thing'))).toEqual({
      output: '',
      errors: 'vsweep: F: Error: no such thing\n',
      exitCode: 1,
    });
  });

  it('is of an event that asks for nothing a wrong command line', async () => {
    expect(await told(thrown('EventError', 'there is no sweep x'))).toEqual({
      output: '',
      errors: 'vsweep: F: EventError: there is no sweep x\n',
      exitCode: 2,
    });
  });

  it.each([
    answer({}),
    answer(null),
    { threw: false, payload: Buffer.from('{') },
    { threw: true, payload: Buffer.from('{}') },
    { threw: true, payload: Buffer.from('no JSON') },
  ])('of another version is refused', async (given) => {
    expect(await refusal(() => printSweepAnswer('F', given, QUIET))).toBe(STRANGE);
  });
});

describe('the answer of a poll function', () => {
  const options = { ...QUIET, method: 'about', vsphereHost: 'vc1' };
  const told = (given: Parameters<typeof printPollAnswer>[1], more = options) =>
    here(async () => printPollAnswer('F', given, more));

  it('is the reply, and whether it succeeded', async () => {
    const reply = { success: 0, msg: 'done', result: [{ name: 'a', size: 1 }] };
    expect(await told(answer(reply))).toEqual({ output: 'name  size\na     1\n', errors: '', exitCode: 0 });
    expect(await told(answer({ ...reply, result: { name: 'b' } }))).toMatchObject({ output: 'name\nb\n' });
    expect(await told(answer({ success: 1, msg: 'no', traceback: 'why' }))).toEqual({
      output: '',
      errors: 'no: why\n',
      exitCode: 1,
    });
  });

  it('names the methods where it was asked for none of them', async () => {
    const { errors } = await told(answer({ success: 1, msg: 'no' }), { ...options, method: 'abuot' });
    expect(errors).toContain('no\nthere is no method "abuot"; did you mean about? Known methods: ');
  });

  it('is the error of the function where it threw one', async () => {
    expect(await told(thrown('EventError', 'no'))).toEqual({
      output: '',
      errors: 'vsweep: F: EventError: no\n',
      exitCode: 2,
    });
  });

  it.each([
    { success: 0, msg: 'x' },
    { success: 2, msg: 'x' },
    { success: 0, msg: 'x', result: ['a'] },
    { success: 1 },
  ])('of another version is refused: %o', async (reply) => {
    expect(await refusal(() => printPollAnswer('F', answer(reply), options))).toBe(STRANGE);
  });
});

describe('the answer about host keys', () => {
  const key = { type: 'ssh-rsa', blob: btoa('A') };
  const host = {
    ...{ target: 'vc1', name: 'esx1', address: '10.0.0.1', port: 22 },
    ...{ status: 'unknown', presented: key, accepted: [] },
  };
  const listed = (more: object = {}) => answer({ hosts: [], known: 2, omitted: 0, withoutList: [], ...more });
  const told = (given: Parameters<typeof printHostkeysAnswer>[1], more: object = {}) =>
    here(async () => printHostkeysAnswer('F', given, { ...QUIET, knownHosts: false, ...more }));

  it('is 0 where all are known, and 3 where one is not or a target has no list', async () => {
    expect(await told(listed())).toEqual({
      output: '2 of 2 hosts presented a known key\n',
      errors: '',
      exitCode: 0,
    });
    expect(await told(listed({ hosts: [host] }))).toMatchObject({ errors: '', exitCode: 3 });
    expect(await told(listed({ withoutList: [{ target: 'vc2' }] }))).toMatchObject({
      errors: 'vc2: no host list is stored; run a sweep on it first\n',
      exitCode: 3,
    });
  });

  it('is a table of those that are not known, the lines of a known_hosts file, or JSON', async () => {
    const given = listed({ hosts: [host], omitted: 2 });
    const table = await told(given);
    expect(table.output.split('\n').at(-2)).toBe('2 of 3 hosts presented a known key');
    expect(table.output).toContain(`ssh-rsa ${fingerprint(key)}`);
    expect(table.errors).toBe(
      '2 more hosts have an unknown key; repeat this with --target for each target\n',
    );
    expect((await told(given, { knownHosts: true })).output).toBe(
      `10.0.0.1 ssh-rsa ${key.blob} esx1 ${fingerprint(key)} compare this key before you use the line\n`,
    );
    expect(JSON.parse((await told(given, { json: true })).output)).toMatchObject({
      hosts: [{ name: 'esx1', fingerprint: fingerprint(key), accepted: [] }],
      known: 2,
      omitted: 2,
      withoutList: [],
    });
  });

  it('is the error of the function where it threw one, and of another version is refused', async () => {
    expect(await told(thrown('Error', 'no'))).toMatchObject({
      errors: 'vsweep: F: Error: no\n',
      exitCode: 1,
    });
    const options = { ...QUIET, knownHosts: false };
    expect(await refusal(() => printHostkeysAnswer('F', answer({}), options))).toBe(STRANGE);
  });
});

describe('a function that is not there', () => {
  const cause = Object.assign(new Error('Function not found'), { name: 'ResourceNotFoundException' });
  const missing = new InvokeError('Function not found: x...', { code: 'refused', cause });

  it('is told with where to look, the sweep function of a stack with a task, too', () => {
    expect(withMissingFunction('Vsweep-poll', missing)).toMatchObject({
      message: 'Function not found: x. Check --stack and AWS_REGION',
      code: 'refused',
      cause,
    });
    expect(withMissingFunction('Vsweep-sweep', missing)).toMatchObject({
      message:
        'Function not found: x. Check --stack and AWS_REGION. A stack with aws.task: true has none: its task runs each sweep by its interval, and its log (output TaskLogGroup) says what came of each run',
    });
  });

  it.each([
    new Error('other'),
    Object.assign(new Error('other'), { cause }),
    new InvokeError('other', { code: 'lost' }),
    new InvokeError('other', { code: 'lost', cause: new Error('x') }),
    new InvokeError('other', { code: 'lost', cause: { name: 'ResourceNotFoundException' } }),
  ])('is no other fault', (error) => {
    expect(withMissingFunction('Vsweep-sweep', error)).toBe(error);
  });
});
