import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answer, type Gateway, startGateway } from '../../sinks/gateway.ts';
import { type SmallFleet, startSmallFleet } from '../../sweep/small-fleet.ts';
import { vsweep } from '../vsweep-command.ts';

interface World {
  readonly fleet: SmallFleet;
  readonly gateway: Gateway;
}

interface MetMistake {
  readonly mistake: string;
  /** The text of `vsweep.yaml` that the command meets. */
  readonly spoil: (text: string, world: World) => string | Promise<string>;
  readonly says: (world: World) => RegExp;
  readonly exitCode: number;
  readonly command?: readonly string[];
}

const WRONG_PIN = 'AB:'.repeat(31).concat('AB');
const put = (written: string | RegExp, instead: string) => (text: string) => text.replace(written, instead);
const urlOf = (instead: string) => put(/https:\/\/127\.0\.0\.1:\d+\/sdk/, instead);
const credentialOf =
  (file: string) =>
  async (text: string, { fleet }: World) => {
    const path = join(fleet.folder, file);
    const good = await readFile(path, 'utf8');
    await writeFile(join(fleet.folder, 'wrong.yaml'), good.replace(/password: .*/, 'password: wrong'), {
      mode: 0o600,
    });
    return text.replace(file, 'wrong.yaml');
  };

/** What people have set up, and what a run says when it meets it. In this order: each account is refused once. */
const MET: readonly MetMistake[] = [
  {
    mistake: 'a certificate that nobody was told to trust',
    spoil: put(/, tls: \{.*?\} \}/, ' }'),
    says: ({ fleet }) =>
      new RegExp(
        `it is self-signed: .* add to the configuration: {2}tls: \\{ sha256: \\["${fleet.vcenter.sha256}"\\] \\}`,
      ),
    exitCode: 1,
  },
  {
    mistake: 'the fingerprint of another certificate',
    spoil: put(/sha256: \["[^"]*"/, `sha256: ["${WRONG_PIN}"`),
    says: ({ fleet }) =>
      new RegExp(
        `no password was sent.*replace its tls in the configuration by: {2}tls: \\{ sha256: \\["${WRONG_PIN}", "${fleet.vcenter.sha256}"\\] \\}`,
      ),
    exitCode: 1,
  },
  {
    mistake: 'a wrong port',
    spoil: urlOf('https://127.0.0.1:1/sdk'),
    says: () => /connection-refused.*Check the address and port of the url, and that the vCenter is up/,
    exitCode: 1,
  },
  {
    mistake: 'a port of plain HTTP',
    spoil: (text, { gateway }) => urlOf(`${gateway.url.replace('http:', 'https:')}/sdk`)(text),
    says: () => /does not speak TLS\. Check that the port of the url is an HTTPS port/,
    exitCode: 1,
  },
  {
    mistake: 'a name that the DNS does not have',
    spoil: urlOf('https://vc01.invalid/sdk'),
    says: () => /\(dns\).*Check the name in the url and the DNS of this machine/,
    exitCode: 1,
  },
  {
    mistake: 'a state folder that others can read',
    spoil: async (text, { fleet }) => {
      await mkdir(join(fleet.folder, 'open'));
      await chmod(join(fleet.folder, 'open'), 0o755);
      return text.replace('path: state', 'path: open');
    },
    says: ({ fleet }) => new RegExp(`Run: chmod 700 ${fleet.folder}/open`),
    exitCode: 1,
  },
  {
    mistake: 'a file as the state folder',
    spoil: put('path: state', 'path: vsweep.yaml'),
    says: () => /it is not a folder\. Name a folder in state\.path\./,
    exitCode: 1,
  },
  {
    mistake: 'a password of the vCenter that is wrong',
    spoil: credentialOf('vcenter.yaml'),
    says: () => /vc1 refused the login of sweeper: InvalidLogin\. Check the user name and the password/,
    exitCode: 1,
  },
  {
    mistake: 'a service that no host has',
    spoil: put('[hostd, vpxa]', '[hosdt, vpxa]'),
    says: () =>
      /warning: .*the host has no \/etc\/init\.d\/hosdt, and .* is 0 as if it were stopped\. Did you mean hostd\? \(2 times\)/,
    exitCode: 0,
    command: ['sweep', 'services', '--dry-run'],
  },
  {
    mistake: 'a Pushgateway that does not run',
    spoil: (text, { gateway }) => text.replace(gateway.url, 'http://127.0.0.1:1'),
    says: () => /ECONNREFUSED 127\.0\.0\.1:1\. Check that the gateway runs, push\.url and the network path/,
    exitCode: 1,
  },
  {
    mistake: 'another server in place of the Pushgateway',
    spoil: (text) => text,
    says: () => /answered 404 Not Found: nope\. Check the path of push\.url/,
    exitCode: 1,
  },
  {
    mistake: 'a password of the hosts that is wrong',
    spoil: credentialOf('esxi.yaml'),
    says: () => /check the user name, the password or key, and the account's shell access/,
    exitCode: 1,
  },
  {
    mistake: 'a host under a name that vCenter does not have',
    spoil: (text) => text,
    says: () => /esx11: is neither <address:port> nor the name of a host .* run: vsweep hostkey scan/,
    exitCode: 2,
    command: ['hostkey', 'accept', 'vc1', 'esx11'],
  },
  {
    mistake: 'a property in other letters',
    spoil: (text) => text,
    says: () => /has no runtime\.powerstate; did you mean runtime\.powerState\?/,
    exitCode: 1,
    command: ['poll', '-m', 'host.get', '-V', 'vc1', '-n', 'esx1', '-p', 'runtime.powerstate'],
  },
];

describe('a mistake that only the world shows', () => {
  const held = new AsyncDisposableStack();
  let world: World;
  let good = '';
  beforeAll(async () => {
    const gateway = held.use(await startGateway([answer(404, 'nope')]));
    const fleet = held.use(await startSmallFleet({ hosts: [{}, {}], pushUrl: gateway.url }));
    good = await readFile(join(fleet.folder, 'vsweep.yaml'), 'utf8');
    world = { fleet, gateway };
  });
  afterAll(() => held.disposeAsync());

  const meet = async (text: string, command: readonly string[]) => {
    await writeFile(join(world.fleet.folder, 'vsweep.yaml'), text);
    const { output, errors, exitCode } = await vsweep(world.fleet.folder, ...command);
    return { told: output + errors, exitCode };
  };

  it.each(MET)('$mistake: the message says what to do', async ({ spoil, says, exitCode, command }) => {
    const text = await spoil(good, world);
    const met = await meet(text, command ?? ['sweep', 'services']);
    expect(met.told).toMatch(says(world));
    expect(met.exitCode).toBe(exitCode);
  });

  it('a port that another program has: the message says what to do', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = other.address() as { port: number };
      const { told, exitCode } = await meet(`${good}exporter: { listen: "127.0.0.1:${port}" }\n`, ['run']);
      expect(told).toMatch(
        /EADDRINUSE.*Choose another address or port in exporter\.listen, or stop the process/,
      );
      expect(exitCode).toBe(1);
    } finally {
      other.close();
    }
  });
});
