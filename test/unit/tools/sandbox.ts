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

export interface StartOptions {
  /** The version that Node says it is of; the real one by default. */
  readonly version?: string;
  /** A script of the sandbox that Node loads first. */
  readonly preload?: string;
  /** Beside PATH, and HOME, which is the folder. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A temporary folder with copies of some of the project's files, in which scripts are run as on another machine. */
export interface Sandbox extends Disposable {
  readonly folder: string;
  write(file: string, text: string): void;
  /** Puts a package with this machine's Node 24 where npm would; `binary` replaces the Node in it. */
  installNode(binary?: string): void;
  start(script: string, args: readonly string[], options?: StartOptions): ChildProcess;
  run(script: string, args?: readonly string[], options?: StartOptions): Promise<Ended>;
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

  const start: Sandbox['start'] = (script, args, { version, preload, env } = {}) => {
    const loaded = [...(version === undefined ? [] : ['older-node.cjs']), ...(preload ? [preload] : [])];
    const required = loaded.flatMap((file) => ['--require', inFolder(file)]);
    return spawn(process.execPath, [...required, inFolder(script), ...args], {
      cwd: folder,
      env: { PATH: process.env['PATH'], HOME: folder, PRETENDED_NODE_VERSION: version, ...env },
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
