import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';

export const ROOT = path.join(import.meta.dirname, '../../..');

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A temporary folder with copies of some of the project's files, in which scripts are run as on another machine. */
export interface Sandbox extends Disposable {
  readonly folder: string;
  write(file: string, text: string): void;
  /** Puts a package with this machine's Node 24 where npm would; `binary` replaces the Node in it. */
  installNode(binary?: string): void;
  /** Starts a script by a Node that says it is of `version`; by the real one without it. */
  start(script: string, args: readonly string[], options?: { version?: string }): ChildProcess;
  run(script: string, args?: readonly string[], options?: { version?: string }): Promise<Ended>;
}

export function createSandbox(copies: readonly string[]): Sandbox {
  const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'vsweep-tools-')));
  const inFolder = (file: string) => path.join(folder, file);
  const write = (file: string, text: string) => {
    fs.mkdirSync(path.dirname(inFolder(file)), { recursive: true });
    fs.writeFileSync(inFolder(file), text);
  };
  for (const file of copies) fs.cpSync(path.join(ROOT, file), inFolder(file), { recursive: true });
  write('package.json', '{ "type": "module" }');
  write('older-node.cjs', OLDER_NODE);

  const start: Sandbox['start'] = (script, args, { version } = {}) => {
    const preload = version === undefined ? [] : ['--require', inFolder('older-node.cjs')];
    return spawn(process.execPath, [...preload, inFolder(script), ...args], {
      cwd: folder,
      env: { PATH: process.env['PATH'], HOME: folder, PRETENDED_NODE_VERSION: version },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
  };
  return {
    folder,
    write,
    start,
    installNode: (binary) => {
      const name = `node_modules/node-${process.platform}-${process.arch}`;
      write(`${name}/package.json`, '{}');
      fs.mkdirSync(inFolder(`${name}/bin`));
      if (binary === undefined) fs.symlinkSync(process.execPath, inFolder(`${name}/bin/node`));
      else write(`${name}/bin/node`, binary);
    },
    run: async (script, args = [], options) => {
      const child = start(script, args, options);
      child.stdin?.end();
      return await ended(child);
    },
    [Symbol.dispose]: () => fs.rmSync(folder, { recursive: true, force: true }),
  };
}

/** What a child printed and how it ended. */
export async function ended(child: ChildProcess): Promise<Ended> {
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (chunk) => {
    stdout += String(chunk);
  });
  child.stderr?.on('data', (chunk) => {
    stderr += String(chunk);
  });
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  return { code, signal, stdout, stderr };
}

const OLDER_NODE = `
Object.defineProperty(process, 'versions', {
  value: { ...process.versions, node: process.env.PRETENDED_NODE_VERSION },
});
`;
