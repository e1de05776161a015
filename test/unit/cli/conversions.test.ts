import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { configFromVmwareExporterCommand } from '../../../lib/cli/from-vmware-exporter.ts';
import { configFromVpollerCommand } from '../../../lib/cli/from-vpoller.ts';
import { keepCredential } from '../../../lib/cli/write-credential.ts';
import { here, refusal } from '../../support/cli/here.ts';
import { createTemporaryFolder, type TemporaryFolder } from '../../support/peers/temporary-folder.ts';

let temporary: TemporaryFolder;
let folder: string;
beforeAll(async () => {
  temporary = await createTemporaryFolder('conversions');
});
afterAll(() => temporary[Symbol.asyncDispose]());
beforeEach(() => {
  folder = join(temporary.path, 'one');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
});

describe('an account of another tool', () => {
  const account = { host: 'vc01:8443/x', user: 'DOM\\u', password: "it's: secret" };

  it('goes into a new file that only its owner may read, in a folder of the same kind', async () => {
    const credentials = join(folder, 'credentials');
    const file = join(credentials, 'vc01_8443_x.yaml');
    let kept: unknown;
    const told = await here(async () => {
      kept = await keepCredential(account, credentials);
      return 0;
    });
    expect(kept).toEqual({ file });
    expect(told).toMatchObject({ output: '', errors: `wrote the credential of vc01:8443/x to ${file}\n` });
    expect(readFileSync(file, 'utf8')).toBe('username: DOM\\u\npassword: "it\'s: secret"\n');
    expect([statSync(file).mode & 0o777, statSync(credentials).mode & 0o777]).toEqual([0o600, 0o700]);
  });

  it('replaces no file, which may be in use, and is in no message', async () => {
    const file = join(folder, 'vc01_8443_x.yaml');
    writeFileSync(file, 'kept');
    expect(await refusal(() => keepCredential(account, folder))).toBe(
      `${file}: 1 fault\n  cannot be written: EEXIST: file already exists, open '${file}'; delete the file, or name another folder with --credentials`,
    );
    expect(readFileSync(file, 'utf8')).toBe('kept');
  });

  it('is a secret to create without a folder, told without its password', async () => {
    let kept: unknown;
    const { output, errors } = await here(async () => {
      kept = await keepCredential(account, undefined);
      return 0;
    });
    expect(kept).toEqual({ secret: 'vsweep/vc01:8443/x' });
    expect([output, errors]).toEqual([
      '',
      'create the secret vsweep/vc01:8443/x: {"username": "DOM\\\\u", "password": …}\n',
    ]);
  });
});

describe("vPoller's agents", () => {
  type Agent = readonly [host: string, user: string, password: string, enabled: number];
  function databaseOf(...agents: readonly Agent[]): string {
    const file = join(folder, 'vconnector.db');
    const db = new DatabaseSync(file);
    db.exec('CREATE TABLE hosts (host TEXT UNIQUE, user TEXT, pwd TEXT, enabled INTEGER)');
    const insert = db.prepare('INSERT INTO hosts VALUES (?,?,?,?)');
    for (const agent of agents) insert.run(...agent);
    db.close();
    return file;
  }

  it('become the targets of a vsweep.yaml in the order of their names, the disabled ones left out', async () => {
    const database = databaseOf(['vc2', 'root', 'x', 1], ['vc1', 'me', 'y', 1], ['vc0', 'root', 'z', 0]);
    const { output, errors, exitCode } = await here(() => configFromVpollerCommand(database, {}));
    expect({ output, errors, exitCode }).toEqual({
      exitCode: 0,
      output: `# vsweep.yaml, from vPoller's agents. vPoller never checked a certificate; vsweep does. Where yours are not from a
# known authority add to the target: tls: { ca: <file> }, or tls: { sha256: ["AB:CD:…"] }.
targets:
  - name: vc1
    credentials:
      secret: vsweep/vc1
  - name: vc2
    credentials:
      secret: vsweep/vc2
sweeps:
  - name: status
    every: 1m
    collectors:
      - overall-status
`,
      errors: `vc0 is left out: it is disabled
create the secret vsweep/vc1: {"username": "me", "password": …}
create the secret vsweep/vc2: {"username": "root", "password": …}
`,
    });
  });

  it('are none where all are disabled: nothing is printed to be used', async () => {
    const database = databaseOf(['vc0', 'root', 'z', 0]);
    expect(await here(() => configFromVpollerCommand(database, {}))).toEqual({
      output: '',
      errors: `vc0 is left out: it is disabled\n${database} has no agent that is enabled\n`,
      exitCode: 1,
    });
  });

  it('are refused together by a name that no target can have, before a credential is written', async () => {
    const database = databaseOf(['vc0', 'r', 'x', 0], ['vc 1', 'r', 'x', 1], ['vc2', 'r', 'x', 1]);
    const credentials = join(folder, 'credentials');
    let message = '';
    const told = await here(async () => {
      message = await refusal(() => configFromVpollerCommand(database, { credentials }));
      return 2;
    });
    expect(message.split('\n')).toEqual([
      `${database}: 1 fault`,
      expect.stringMatching(/^ {2}agent "vc 1": /),
    ]);
    expect(told.output).toBe('');
    expect(readdirSync(folder)).toEqual(['vconnector.db']);
  });

  it('are asked of a database of vconnector alone', async () => {
    const file = join(folder, 'none.db');
    expect(await refusal(() => configFromVpollerCommand(file, {}))).toBe(
      `${file}: 1 fault\n  cannot be read as a database of vconnector: unable to open database file; name its file, such as /var/lib/vconnector/vconnector.db`,
    );
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('the configuration of vmware_exporter', () => {
  const write = (text: string) => {
    const file = join(folder, 'config.yml');
    writeFileSync(file, text);
    return file;
  };

  it('becomes a vsweep.yaml, with what is not used and who can read it said beside it', async () => {
    const file = write(`default:
  vsphere_host: vc1
  vsphere_user: me
  vsphere_password: s3cret
  ignore_ssl: false
  specs_size: 5000
  collect_only: { vms: true, vmguests: false, datastores: true, hosts: true, snapshots: false }
`);
    const { output, errors, exitCode } = await here(() => configFromVmwareExporterCommand(file, {}));
    expect(exitCode).toBe(0);
    expect(output).toBe(`# vsweep.yaml, from the configuration of vmware_exporter.
targets:
  - name: vc1
    credentials:
      secret: vsweep/vc1
sweeps:
  - name: inventory
    every: 1m
    job: vmware_vcenter
    collectors:
      - hosts
      - host-hardware
      - host-performance
      - vms
      - vm-performance
      - datastores
exporter:
  listen: 0.0.0.0:9272
`);
    expect(errors).toBe(`default.specs_size is not used: vsweep bounds its requests by itself
create the secret vsweep/vc1: {"username": "me", "password": …}
exporter.listen is 0.0.0.0:9272, as vmware_exporter listens: whoever reaches it can read /metrics without a password; write an address that only Prometheus reaches
`);
  });

  it('is refused with all its faults by the paths of the file, before a credential is written', async () => {
    const file = write(
      'default: { vsphere_host: "vc 1", vsphere_user: me, vsphere_password: s3cret, specs_size: -1 }\n',
    );
    const credentials = join(folder, 'credentials');
    let message = '';
    await here(async () => {
      message = await refusal(() => configFromVmwareExporterCommand(file, { credentials }));
      return 2;
    });
    expect(message).toBe(
      `${file}: 1 fault\n  default.vsphere_host: use letters, digits, ".", "_" and "-", at most 253 of them, beginning with a letter or digit`,
    );
    expect(readdirSync(folder)).toEqual(['config.yml']);
  });

  it('is named where it cannot be read', async () => {
    const file = join(folder, 'none.yml');
    expect(await refusal(() => configFromVmwareExporterCommand(file, {}))).toBe(
      `${file}: 1 fault\n  cannot be read: ENOENT: no such file or directory, open '${file}'`,
    );
  });
});
