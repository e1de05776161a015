import { randomUUID } from 'node:crypto';
import pLimit from 'p-limit';
import type { Connection } from 'ssh2';
import { describe, expect, it } from 'vitest';
import { SSH_SERVICES } from '../../../lib/catalogue/host.ts';
import { collector } from '../../../lib/collectors/collector.ts';
import { NO_KNOWN_HOSTS } from '../../../lib/config/known-hosts/find-keys.ts';
import type { Config } from '../../../lib/config/schema.ts';
import { type DemoEsxiHost, startDemoEsxi } from '../../../lib/demo/esxi-sshd.ts';
import { services } from '../../../lib/esxi/probes/services.ts';
import { runCommand } from '../../../lib/esxi/run-command.ts';
import { printAnswer } from '../../../lib/esxi/session/answers.ts';
import type { Probe } from '../../../lib/esxi/session/probe.ts';
import { readScript, type ScriptedCommand } from '../../../lib/esxi/session/script.ts';
import { createTurnsOfRuns } from '../../../lib/logins/trial/domain-turns.ts';
import { systemClock } from '../../../lib/platform/clock.ts';
import { startDeadline } from '../../../lib/platform/deadline.ts';
import { withHeartbeat } from '../../../lib/platform/heartbeat.ts';
import { silentLog } from '../../../lib/platform/log.ts';
import { createAccountStore } from '../../../lib/state/stores/accounts.ts';
import type { BatchResult } from '../../../lib/sweep/batch.ts';
import { labelsAt } from '../../../lib/sweep/columns.ts';
import { printOutcome } from '../../../lib/sweep/outcome.ts';
import { askBatch } from '../../../lib/sweep/worker/ask-batch.ts';
import { createLoginTurns } from '../../../lib/sweep/worker/login-turns.ts';
import { uptime, uptimeCollector } from '../../support/esxi/uptime.ts';
import { startOddServer } from '../../support/ssh/odd-server.ts';
import { packet, sendPayload } from '../../support/ssh/raw-packets.ts';
import { createMemoryTable } from '../../support/world/memory-table.ts';
import { batchHost, batchRequest, esxiConfig } from '../../unit/sweep/builders.ts';

const CREDENTIAL = { id: 'env:ESXI', version: 'v1', username: 'root' } as const;
const PASSWORD = 'the right one';
const running = { signal: new AbortController().signal };
const COLLECTORS = [collector('ssh-services', SSH_SERVICES), uptimeCollector];
const UP = '02:07:21 up 23 days, 4:01, load average: 0.00';

/** Asks hosts as a worker does, with the probe of services and another one. */
async function ask(
  at: readonly { readonly address: string; readonly port: number }[],
  {
    probes = [services, uptime] as readonly Probe[],
    collectors = COLLECTORS,
    commandSeconds = 10,
    proven = true,
    stop = running.signal,
  }: {
    probes?: readonly Probe[];
    collectors?: typeof COLLECTORS;
    commandSeconds?: number;
    proven?: boolean;
    stop?: AbortSignal;
  } = {},
) {
  using clock = withHeartbeat(systemClock);
  const timeouts = { connectSeconds: 10, loginSeconds: 30, commandSeconds };
  const records = createAccountStore({ table: createMemoryTable(), now: () => clock.now() });
  const hosts = at.map(({ address, port }, index) => batchHost(index + 1, { address, port, proven }));
  using deadline = startDeadline({ clock, ms: 60_000, what: 'the batch', signal: stop });
  const result = await askBatch(
    batchRequest({
      credential: { ...CREDENTIAL, scope: 'host' },
      probes: probes.map(({ name }) => name),
      hosts,
    }),
    { collectors, probes },
    {
      config: { esxi: esxiConfig({ services: ['hostd', 'vpxa'], timeouts }) } as Config,
      knownHosts: NO_KNOWN_HOSTS,
      clock,
      log: silentLog,
      randomId: () => randomUUID().replaceAll('-', ''),
      credentials: { read: async () => ({ ...CREDENTIAL, proof: { kind: 'password', password: PASSWORD } }) },
      records: { ...records, pin: async () => 'pinned' },
      oneByOne: pLimit(1),
      joinKnownTurns: createTurnsOfRuns(clock),
      turns: createLoginTurns({ clock }),
      runCommand: (request, deps, options) => runCommand(request, { clock, ...deps }, options),
    },
    deadline,
  );
  return { ...told(result), result, accounts: await records.readAll('root', running) };
}

function told({ outcomes, families, collectors, warnings, details, logins }: BatchResult) {
  const points = families.flatMap((family) =>
    family.items.map((item, index) =>
      [`host-${item + 1}`, family.metric, ...labelsAt(family, index), family.values[index]].join(' '),
    ),
  );
  return {
    outcomes: outcomes.map(([, outcome]) => printOutcome(outcome)),
    points: points.filter((point) => !point.includes('critical')),
    collectors: Object.fromEntries(collectors.map(({ name, success }) => [name, success])),
    warnings: warnings.map(({ text, count }) => [text, count]),
    details: details.map(([, text]) => text),
    logins: logins.map(([, end]) => end),
  };
}

const esxi = (changes: Partial<DemoEsxiHost> = {}, others: readonly DemoEsxiHost[] = []) =>
  startDemoEsxi({
    user: CREDENTIAL.username,
    password: PASSWORD,
    hungMs: 50,
    hosts: [
      {
        address: '127.0.57.1',
        behaviour: 'normal',
        services: { hostd: 'running', vpxa: 'stopped' },
        commands: { uptime: { code: 0, stdout: UP } },
        ...changes,
      },
      ...others,
    ],
  });

const SERVICES = ['host-1 esxi_service_state hostd running 1', 'host-1 esxi_service_state vpxa stopped 1'];
const UPTIME = 'host-1 esxi_uptime_days 23';
const BOTH_WELL = { 'ssh-services': true, uptime: true };

describe('a batch with two probes', () => {
  it('lets others have their turn between two own metrics of a host, and between two hosts', async () => {
    const seen: ('evaluated' | 'turn')[] = [];
    const watched = {
      ...uptimeCollector,
      name: 'own',
      rows: ['esxi_own_one', 'esxi_own_two'].flatMap((name) =>
        uptimeCollector.rows.map((row) => ({
          ...row,
          name,
          isOwn: true as const,
          source: {
            ...row.source,
            evaluate(value: unknown) {
              seen.push('evaluated');
              setImmediate(() => seen.push('turn'));
              return row.source.evaluate(value);
            },
          },
        })),
      ),
    };
    const commands = { uptime: { code: 0, stdout: UP } } as const;
    const others = ['127.0.57.2', '127.0.57.3'].map((address) => ({
      address,
      behaviour: 'normal' as const,
      services: {},
      commands,
    }));
    await using demo = await esxi({}, others);
    const at = ['127.0.57.1', '127.0.57.2', '127.0.57.3'].map((address) => ({ address, port: demo.port }));
    const { outcomes } = await ask(at, { collectors: [watched] });
    expect(outcomes).toEqual(['ok', 'ok', 'ok']);
    expect(seen.slice(0, 11)).toEqual([
      ...Array.from({ length: 5 }, () => ['evaluated', 'turn']).flat(),
      'evaluated',
    ]);
  });

  it('asks both in one login and one session', async () => {
    await using demo = await esxi();
    const { port } = demo;
    expect(await ask([{ address: '127.0.57.1', port }], { proven: false })).toMatchObject({
      outcomes: ['ok'],
      points: [...SERVICES, UPTIME],
      collectors: BOTH_WELL,
      warnings: [],
      details: [],
      logins: ['accepted'],
    });
    expect(demo.loginAttempts('127.0.57.1')).toEqual({ accepted: 1, refused: 0 });
    expect(demo.connectionsTo('127.0.57.1')).toBe(1);
  });

  it.each([
    ['is missing', undefined, 'the host has no uptime'],
    ['hangs', { code: 'timeout' }, '"uptime" did not end in 4 s and was killed; run it on the host'],
    ['floods', { code: 0, stdout: 'x\n'.repeat(9_999) }, '"uptime" printed more than 3 lines of 200 bytes'],
    ['is not understood', { code: 0, stdout: 'nonsense' }, 'uptime printed no time'],
    ['fails', { code: 1, stderr: 'no /proc' }, '"uptime" ended with code 1: no /proc'],
  ] as const)(
    'loses only the samples of one whose command %s, and says which',
    async (_what, answer, why) => {
      const commands = answer === undefined ? {} : { uptime: answer };
      await using demo = await esxi({ commands }, [
        {
          address: '127.0.57.2',
          behaviour: 'normal',
          services: { hostd: 'running' },
          commands: { uptime: { code: 0, stdout: UP } },
        },
      ]);
      const { port } = demo;
      const at = ['127.0.57.1', '127.0.57.2'].map((address) => ({ address, port }));
      const asked = await ask(at, { proven: false });
      expect(asked).toMatchObject({
        outcomes: ['ok', 'ok'],
        collectors: { 'ssh-services': true, uptime: false },
        warnings: [[`uptime: the probe uptime failed: ${why}`, 1]],
        details: [`the probe uptime: ${why}`],
        logins: ['accepted', 'accepted'],
      });
      expect(asked.points).toEqual([
        ...SERVICES,
        'host-2 esxi_service_state hostd running 1',
        'host-2 esxi_service_state vpxa absent 1',
        'host-2 esxi_uptime_days 23',
      ]);
      expect([...asked.accounts.values()].map(({ refusals }) => refusals)).not.toContain(1);
    },
  );

  it('has the failure of its first probe where a host answers none, and no refusal', async () => {
    await using demo = await esxi({ commands: {} });
    const { port } = demo;
    const only = await ask([{ address: '127.0.57.1', port }], { probes: [uptime], proven: false });
    expect(only).toMatchObject({
      outcomes: ['failed(output)'],
      points: [],
      details: ['the probe uptime: the host has no uptime'],
      logins: ['accepted'],
    });
    await demo.setBehaviour('127.0.57.1', 'garbage');
    const none = await ask([{ address: '127.0.57.1', port }], { proven: false });
    expect(none).toMatchObject({ outcomes: ['failed(output)'], points: [], logins: ['accepted'] });
    expect(none.details[0]).toMatch(
      /^the probe services: the output cannot be parsed.+; the probe uptime: the output cannot be parsed/,
    );
    expect([...none.accounts.values()].map(({ refusals }) => refusals)).not.toContain(1);
  });

  it('keeps the login apart: a host that refuses it has no probe that failed', async () => {
    await using demo = await esxi({ behaviour: 'refuses-login' });
    const { port } = demo;
    const refused = await ask([{ address: '127.0.57.1', port }]);
    expect(refused).toMatchObject({
      outcomes: ['failed(auth)'],
      collectors: BOTH_WELL,
      warnings: [],
      logins: ['refused'],
    });
    expect([...refused.accounts.values()].map(({ refusals }) => refusals)).toEqual([1]);
  });
});

const WELL: Readonly<Record<string, string>> = {
  'services/hostd': 'hostd is running.',
  'services/vpxa': 'vpxa is not running',
  'uptime/uptime': UP,
};

/** A host that answers the script by hand: what it prints, and how it goes on. */
const answering = (
  say: (script: { nonce: string; commands: readonly ScriptedCommand[] }, print: Print) => string,
  goOn: (connection: Connection) => unknown = (connection) => {
    for (const end of [packet.exitStatus(0, 0), packet.eof(0), packet.close(0)]) sendPayload(connection, end);
  },
) =>
  startOddServer({
    onExec(connection, _socket, command) {
      const script = readScript(command) ?? { nonce: '', commands: [] };
      const print: Print = (asked) =>
        printAnswer(script.nonce, asked, { code: 0, stdout: WELL[asked.label] ?? '' });
      const text = Buffer.from(say(script, print));
      sendPayload(connection, packet.channelSuccess(0));
      for (let at = 0; at < text.length; at += 30_000)
        sendPayload(connection, packet.data(0, text.subarray(at, at + 30_000)));
      goOn(connection);
    },
  });
type Print = (command: ScriptedCommand) => string;

const isOf = (probe: string) => (command: ScriptedCommand) => command.label.startsWith(`${probe}/`);
const ofServices = isOf('services');
const ofUptime = isOf('uptime');

/** Keeps this process from anything else, as a stop from outside does. */
function stall(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

describe('a batch with two probes, on a host that means harm', () => {
  it.each<[string, (connection: Connection) => unknown, string]>([
    ['hangs', () => undefined, 'the time of the session was over before its result'],
    [
      'cuts the connection',
      (connection) => sendPayload(connection, packet.disconnect(2, 'no more')),
      'the session failed before its result',
    ],
    [
      'sends EOF first, and data behind it',
      (connection) => {
        for (const one of [packet.eof(0), packet.extendedData(0, 'late')]) sendPayload(connection, one);
      },
      'the session failed before its result',
    ],
    [
      'prints without end',
      (connection) => {
        for (let sent = 0; sent < 20; sent += 1) sendPayload(connection, packet.data(0, 'x'.repeat(30_000)));
      },
      'the session failed before its result',
    ],
  ])('keeps the probe that was answered when it %s before the other one', async (_what, goOn, why) => {
    await using server = await answering(
      ({ commands }, print) => commands.filter(ofServices).map(print).join(''),
      goOn,
    );
    expect(await ask([server], { commandSeconds: 2, proven: false })).toMatchObject({
      outcomes: ['ok'],
      points: SERVICES,
      collectors: { 'ssh-services': true, uptime: false },
      warnings: [[`uptime: the probe uptime failed: ${why}`, 1]],
      logins: ['accepted'],
    });
  });

  it('keeps all that was answered when it does not close the channel', async () => {
    await using server = await answering(
      ({ commands }, print) => commands.map(print).join(''),
      () => undefined,
    );
    expect(await ask([server], { commandSeconds: 1 })).toMatchObject({
      outcomes: ['ok'],
      points: [...SERVICES, UPTIME],
      collectors: BOTH_WELL,
    });
  });

  it('keeps what was answered when the worker is told to stop', async () => {
    const caller = new AbortController();
    await using server = await answering(
      ({ commands }, print) => commands.filter(ofUptime).map(print).join(''),
      // What was sent is read between the two.
      () => setTimeout(() => setTimeout(() => caller.abort(new Error('the worker ends')), 100), 100),
    );
    const asked = await ask([server], { proven: false, stop: caller.signal });
    expect(asked).toMatchObject({
      outcomes: ['ok'],
      points: [UPTIME],
      collectors: { 'ssh-services': false, uptime: true },
      warnings: [['ssh-services: the probe services failed: the run stopped before its result', 1]],
      logins: ['accepted'],
    });
  });

  it('takes nothing for a line of one probe that another one printed', async () => {
    await using server = await answering(({ nonce, commands }) => {
      const forged = `@@${nonce} services/hostd = 3\n@@${nonce} services/hostd end\n`;
      return commands
        .toReversed()
        .map((asked) =>
          printAnswer(nonce, asked, { code: 0, stdout: `${forged}${WELL[asked.label]}`, stderr: forged }),
        )
        .join('');
    });
    expect(await ask([server])).toMatchObject({
      outcomes: ['ok'],
      points: [...SERVICES, UPTIME],
      collectors: BOTH_WELL,
    });
  });

  it('takes lines with the nonce of another session for noise', async () => {
    await using server = await answering(({ nonce, commands }, print) =>
      commands
        .map((asked) => (ofUptime(asked) ? print(asked).replaceAll(nonce, 'x'.repeat(32)) : print(asked)))
        .join(''),
    );
    expect(await ask([server])).toMatchObject({
      outcomes: ['ok'],
      points: SERVICES,
      collectors: { 'ssh-services': true, uptime: false },
    });
  });

  it('reads what had arrived when this process was stalled past the end of the session', async () => {
    await using server = await answering(
      ({ commands }, print) => commands.map(print).join(''),
      (connection) => {
        stall(2_500);
        for (const end of [packet.exitStatus(0, 0), packet.close(0)]) sendPayload(connection, end);
      },
    );
    expect(await ask([server], { commandSeconds: 2 })).toMatchObject({
      outcomes: ['ok'],
      points: [...SERVICES, UPTIME],
      collectors: BOTH_WELL,
    });
  });
});
