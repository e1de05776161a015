import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import { createTemporaryFolder } from '../../support/peers/temporary-folder.ts';
import { vsweep } from './vsweep-command.ts';

const AGENTS = [
  ['vc01.example.org', 'root', 'Leak: "1"', 1],
  ['vc02.example.org', 'root', 'Leak2', 0],
  ['vc03.example.org', 'DOM\\poller', 'Leak3', 1],
] as const;

/** As vconnector makes it. */
function writeDatabase(
  file: string,
  agents: readonly (readonly [string, string, string, number])[] = AGENTS,
): void {
  const db = new DatabaseSync(file);
  db.exec('CREATE TABLE hosts (host TEXT UNIQUE, user TEXT, pwd TEXT, enabled INTEGER)');
  const insert = db.prepare('INSERT INTO hosts VALUES (?,?,?,?)');
  for (const agent of agents) insert.run(...agent);
  db.close();
}

it('makes targets of the agents that are enabled, with files that only their owner may read', async () => {
  await using folder = await createTemporaryFolder('from-vpoller');
  writeDatabase(join(folder.path, 'vconnector.db'));
  const command = ['config', 'from-vpoller', 'vconnector.db', '--credentials', 'credentials'];
  const { output, errors, exitCode } = await vsweep(folder.path, ...command);
  expect(exitCode).toBe(0);
  expect(output + errors).not.toContain('Leak');
  expect(errors).toContain('vc02.example.org is left out: it is disabled');
  expect(output.match(/- name: vc.*/g)).toEqual(['- name: vc01.example.org', '- name: vc03.example.org']);
  const file = join(folder.path, 'credentials', 'vc01.example.org.yaml');
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await readFile(file, 'utf8')).toBe('username: root\npassword: \'Leak: "1"\'\n');
  // What is there may be in use.
  expect(await vsweep(folder.path, ...command)).toMatchObject({ exitCode: 2, output: '' });
});

it('writes no credential when an agent makes no target, and names the agent', async () => {
  await using folder = await createTemporaryFolder('from-vpoller');
  writeDatabase(join(folder.path, 'vconnector.db'), [...AGENTS, ['not a name', 'root', 'Leak4', 1]]);
  const command = ['config', 'from-vpoller', 'vconnector.db', '--credentials', 'credentials'];
  const { output, errors, exitCode } = await vsweep(folder.path, ...command);
  expect({ output, exitCode }).toEqual({ output: '', exitCode: 2 });
  expect(errors).toContain('agent "not a name"');
  expect(existsSync(join(folder.path, 'credentials'))).toBe(false);
});

it('says which secrets to create, and prints no password', async () => {
  await using folder = await createTemporaryFolder('from-vpoller');
  writeDatabase(join(folder.path, 'vconnector.db'));
  const { output, errors } = await vsweep(folder.path, 'config', 'from-vpoller', 'vconnector.db');
  expect(output).toContain('secret: vsweep/vc03.example.org');
  expect(errors).toContain(
    'create the secret vsweep/vc03.example.org: {"username": "DOM\\\\poller", "password": …}',
  );
  expect(output + errors).not.toContain('Leak');
});

it('says that a file is no database', async () => {
  await using folder = await createTemporaryFolder('from-vpoller');
  const { errors, exitCode } = await vsweep(folder.path, 'config', 'from-vpoller', 'nothing.db');
  expect(exitCode).toBe(2);
  expect(errors).toContain('nothing.db: 1 fault');
});
