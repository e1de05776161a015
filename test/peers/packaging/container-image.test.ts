import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { containerBase, describeWithPeers, hadolint } from '../../support/peers/peer-requirements.ts';
import { createTemporaryFolder, type TemporaryFolder } from '../../support/peers/temporary-folder.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const DOCKERFILE = 'packaging/container/Dockerfile';
const IN_IMAGE = join(import.meta.dirname, 'in-image.sh');
const run = promisify(execFile);

/** What `npm run image:folder` needs of a checkout. */
const SOURCES = [
  ...['.npmrc', 'LICENSE', 'package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json'],
  ...['alerts', 'bin', 'dashboards', 'lib', 'packaging', 'tools'],
];

/** What an image says of how it is to be run: https://github.com/moby/docker-image-spec */
interface ImageConfig {
  readonly User: string;
  readonly Entrypoint: readonly string[];
  readonly Cmd: readonly string[];
  readonly WorkingDir: string;
  readonly Volumes: Readonly<Record<string, object>>;
  readonly Healthcheck: { readonly Test: readonly string[] };
}

interface Image {
  /** Its files. */
  readonly root: string;
  readonly config: ImageConfig;
}

/** Builds the image as docs/run.md says, with files of Debian's packages in the place of its base. */
async function buildImage(folder: string): Promise<Image> {
  const source = join(folder, 'source');
  for (const name of SOURCES) await cp(join(ROOT, name), join(source, name), { recursive: true });
  await symlink(join(ROOT, 'node_modules'), join(source, 'node_modules'));
  await run(process.execPath, ['tools/image-folder.cjs'], { cwd: source });

  const buildah = async (...args: string[]) => {
    const storage = [
      '--storage-driver',
      'vfs',
      '--root',
      join(folder, 'images'),
      '--runroot',
      join(folder, 'run'),
    ];
    const options = { cwd: source, env: { ...process.env, BUILDAH_ISOLATION: 'chroot' } };
    return (await run('buildah', [...storage, ...args], options)).stdout.trim();
  };
  await writeFile(join(folder, 'Base'), 'FROM scratch\nCOPY . /\n');
  await buildah('bud', '--quiet', '--file', join(folder, 'Base'), '--tag', 'localhost/base', containerBase);
  const ignored = ['--ignorefile', `${DOCKERFILE}.dockerignore`];
  const base = ['--build-arg', 'BASE=localhost/base'];
  await buildah(
    'bud',
    '--quiet',
    '--format',
    'docker',
    ...ignored,
    ...base,
    '--file',
    DOCKERFILE,
    '--tag',
    'vsweep',
    '.',
  );
  const { Docker } = JSON.parse(await buildah('inspect', '--type', 'image', 'localhost/vsweep'));
  const root = await buildah('mount', await buildah('from', 'localhost/vsweep'));
  return { root, config: Docker.config };
}

describeWithPeers(['buildah', 'hadolint'], 'the container image', () => {
  let folder: TemporaryFolder;
  let image: Image;
  beforeAll(async () => {
    folder = await createTemporaryFolder('image');
    image = await buildImage(folder.path);
  });
  afterAll(async () => {
    await folder[Symbol.asyncDispose]();
  });

  /** Runs `command` with an empty volume, and a folder with `config` as vsweep.yaml if there is one. */
  async function inImage(name: string, config: string | undefined, ...command: string[]) {
    const state = join(folder.path, `${name}-state`);
    const etc = join(folder.path, `${name}-etc`);
    await mkdir(etc);
    // An engine fills a new volume with what the image has there, owner and mode included.
    await cp(join(image.root, 'var/lib/vsweep'), state, { recursive: true });
    await run('chown', ['65532:65532', state]);
    if (config !== undefined) await writeFile(join(etc, 'vsweep.yaml'), config);
    const apart = ['--mount', '--pid', '--net', '--fork', '--kill-child', 'bash', IN_IMAGE];
    const ended = await run('unshare', [...apart, image.root, state, etc, ...command]).catch(
      (error) => error,
    );
    return { state, stdout: ended.stdout, stderr: ended.stderr, code: ended.code ?? 0 };
  }

  it('has no finding of hadolint', async () => {
    expect((await run(hadolint, [join(ROOT, DOCKERFILE)])).stdout).toBe('');
  });

  it('runs as a user who owns nothing in it but the volume, and starts no shell', async () => {
    const { User, Entrypoint, Cmd, WorkingDir, Volumes } = image.config;
    expect({ User, Cmd, WorkingDir, Volumes }).toEqual({
      User: '65532:65532',
      Cmd: ['run'],
      WorkingDir: '/etc/vsweep',
      Volumes: { '/var/lib/vsweep': {} },
    });
    expect(Entrypoint[0]).toBe('/usr/bin/node');
    const owned = await run('find', [image.root, '-xdev', '-user', '65532', '-printf', '/%P %m\n']);
    expect(owned.stdout).toBe('/var/lib/vsweep 755\n');
    const shells = await run('find', [
      image.root,
      '-xdev',
      '-name',
      'sh',
      '-o',
      '-name',
      'bash',
      '-o',
      '-perm',
      '/6000',
    ]);
    expect(shells.stdout).toBe('');
  });

  it('runs on files that cannot be written: a whole sweep of the demo fleet has every expected outcome', async () => {
    const { stdout, code } = await inImage(
      'demo',
      undefined,
      'once',
      ...image.config.Entrypoint,
      'demo',
      '--once',
    );
    expect(stdout).toContain('every host has the expected outcome');
    expect(code).toBe(0);
  });

  it('is healthy by its own check while it runs, keeps its state for itself, and ends with 0 by SIGTERM', async () => {
    // Nobody is there: the run fails, which is no fault of the process.
    const config = [
      'targets: [{ name: vc01.example.org, url: https://127.0.0.1:1/sdk, credentials: { file: absent.yaml } }]',
      'sweeps: [{ name: inventory, every: 1m, collectors: [hosts] }]',
    ].join('\n');
    const { Healthcheck, Entrypoint, Cmd } = image.config;
    const start = [...Entrypoint, ...Cmd];
    const health = Healthcheck.Test.slice(1);
    const { state, stdout } = await inImage('run', config, 'stop-when-healthy', ...health, '--', ...start);
    expect(stdout.trim().split('\n')).toEqual(['healthy', 'ended with 0']);
    const { mode, uid } = await stat(join(state, 'vsweep'));
    expect({ mode: mode & 0o777, uid }).toEqual({ mode: 0o700, uid: 65532 });
  });

  it('ends with 2 where there is no configuration', async () => {
    const { stderr, code } = await inImage('none', undefined, 'once', ...image.config.Entrypoint, 'run');
    expect(stderr).toContain('vsweep.yaml');
    expect(code).toBe(2);
  });

  it('has the licences of what is bundled', async () => {
    const licences = await readFile(join(image.root, 'opt/vsweep/dist/cli/LICENCES.txt'), 'utf8');
    expect(licences).toContain('zod');
  });
});
