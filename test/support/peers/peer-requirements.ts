import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, globSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { describe, it } from 'vitest';

export type PeerName =
  | 'vcsim'
  | 'sshd'
  | 'ssh-keygen'
  | 'pushgateway'
  | 'prometheus'
  | 'otlp-receiver'
  | 'node-exporter'
  | 'victoria-metrics'
  | 'remote-write'
  | 'dynamodb-local'
  | 'systemd'
  | 'buildah'
  | 'hadolint'
  | 'chromium'
  | 'kubernetes-validate'
  | 'check-jsonschema'
  | 'zizmor'
  | 'zsh'
  | 'curl'
  | 'pyvmomi'
  | 'vpoller'
  | 'vmware-exporter'
  | 'cfn-lint'
  | 'moto'
  | 'lambda-ric';

const repository = resolve(import.meta.dirname, '../../..');
/** Built by test/peers/install.sh. */
export const vcsimBinary = join(repository, '.peers/bin/vcsim');
export const otlpReceiverBinary = join(repository, '.peers/bin/otlp');
export const remoteWriteClient = join(repository, '.peers/bin/remote-write');
/** Fetched by test/peers/install.sh: jars, native libraries, and the class LoopbackServer. */
export const dynamodbLocalFolder = join(repository, '.peers/dynamodb-local');
/** Has what test/peers/python/requirements.txt names, by test/peers/install.sh. */
export const peerPython = join(repository, '.peers/python/bin/python');
export const cfnLint = join(repository, '.peers/python/bin/cfn-lint');
export const hadolint = join(repository, '.peers/python/bin/hadolint');
export const kubernetesValidate = join(repository, '.peers/python/bin/kubernetes-validate');
export const checkJsonschema = join(repository, '.peers/python/bin/check-jsonschema');
export const zizmor = join(repository, '.peers/python/bin/zizmor');
export const motoServer = join(repository, '.peers/python/bin/moto_server');
/** An environment of its own, because vmware_exporter wants older packages. */
export const vmwareExporterPython = join(repository, '.peers/vmware-exporter/bin/python');
/** Files of Debian's packages with a C library, in the place of the image's base, which is in no registry of packages. */
export const containerBase = join(repository, '.peers/container-base');
/** Built by test/peers/install.sh from its package, which has a native part. */
export const lambdaRic = join(repository, '.peers/lambda-ric/node_modules/aws-lambda-ric/index.mjs');

/** The folders of the Python packages that are peers. */
const packages: Readonly<Partial<Record<PeerName, string>>> = { pyvmomi: 'pyVmomi', vpoller: 'vpoller' };
const sitePackages = join(repository, '.peers/python/lib/python3*/site-packages');

const programs: Readonly<Record<PeerName, readonly string[]>> = {
  vcsim: [vcsimBinary],
  sshd: ['sshd', 'busybox', 'faillock', 'openssl', 'python3', 'setpriv', 'unshare'],
  'ssh-keygen': ['ssh-keygen'],
  pushgateway: ['prometheus-pushgateway'],
  prometheus: ['prometheus', 'promtool'],
  'otlp-receiver': [otlpReceiverBinary, 'prometheus'],
  'node-exporter': ['prometheus-node-exporter'],
  'victoria-metrics': ['victoria-metrics'],
  'remote-write': [remoteWriteClient],
  'dynamodb-local': ['java', 'setpriv'],
  systemd: ['systemd-analyze'],
  buildah: ['buildah', 'busybox', 'unshare', containerBase],
  hadolint: [hadolint],
  chromium: ['chromium'],
  'kubernetes-validate': [kubernetesValidate],
  'check-jsonschema': [checkJsonschema],
  zizmor: [zizmor],
  zsh: ['zsh'],
  curl: ['curl'],
  pyvmomi: [peerPython],
  vpoller: [peerPython],
  'vmware-exporter': [vmwareExporterPython, 'env'],
  'cfn-lint': [cfnLint],
  moto: [motoServer, peerPython, 'setpriv'],
  'lambda-ric': [lambdaRic],
};

/**
 * `describe` for tests that need real peers. Where one is missing the tests are skipped and standard error says why;
 * under REQUIRE_PEERS=1 (CI) they fail instead, saying what to run.
 */
export function describeWithPeers(peers: readonly PeerName[], title: string, body: () => void): void {
  const missing = peers.flatMap((peer) => missingFor(peer));
  if (missing.length === 0) {
    describe(title, body);
    return;
  }
  const reason = missing.join('; ');
  if (process.env['REQUIRE_PEERS'] === '1') {
    describe(title, () => {
      it('has its peers', () => {
        throw new Error(`${reason}. Run "bash test/peers/install.sh" as root on Debian 12.`);
      });
    });
    return;
  }
  process.stderr.write(`skipped: ${title} (${reason}; test/peers/install.sh brings the peers)\n`);
  describe.skip(title, body);
}

/** What this machine lacks for a peer, in words; empty when it has all. */
export function missingFor(peer: PeerName): string[] {
  const missing = programs[peer].filter((program) => findProgram(program) === undefined);
  if (missing.length > 0) return [`${peer} needs ${missing.join(', ')}`];
  if (peer === 'dynamodb-local' && !existsSync(dynamodbLocalFolder)) return ['DynamoDB Local is not fetched'];
  const folder = packages[peer];
  if (folder !== undefined && globSync(join(sitePackages, folder)).length === 0) {
    return [`${folder} is not installed`];
  }
  if (peer === 'buildah' && process.getuid?.() !== 0) return ['buildah needs root here'];
  return peer === 'sshd' ? missingForNamespaces() : [];
}

/** Each simulated ESXi host is a mount namespace with its own files below /etc. */
function missingForNamespaces(): string[] {
  if (process.getuid?.() !== 0) return ['sshd needs root, for namespaces of its own'];
  if (globSync('{/usr,}/lib/*/security/pam_faillock.so').length === 0) return ['sshd needs pam_faillock.so'];
  const tried = spawnSync('unshare', ['--mount', '--pid', '--fork', 'true'], { timeout: 10_000 });
  return tried.status === 0 ? [] : ['sshd needs mount namespaces, and unshare is refused here'];
}

/** The path of a program, looked for in PATH and where Debian keeps daemons. */
export function findProgram(program: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  const candidates = program.includes('/') ? [program] : folders.map((folder) => join(folder, program));
  return candidates.find((candidate) => {
    try {
      accessSync(candidate, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Debian's. Throws where it is not there. */
export function chromiumProgram(): string {
  const found = findProgram('chromium');
  if (found === undefined) throw new Error('chromium is not installed');
  return found;
}
