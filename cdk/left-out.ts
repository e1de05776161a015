import { readFile } from 'node:fs/promises';
import type { Plugin } from 'esbuild';
import { KNOWN_COLLECTORS } from '../lib/collectors/known-collectors.ts';

/** The replacement of a module: each of its names that other modules read when they load. */
const refusing = (...names: readonly string[]) =>
  names
    .map((name) => `exports.${name} = function () { throw new Error('${name} is not in this bundle') };`)
    .join('\n');

/**
 * Modules that their packages load and no function reaches, by the end of their path. With them a bundle would be a
 * fifth larger, and a new process reads and compiles every byte of it before its first event (docs/performance.md). Who
 * calls one of them after all gets an error that names it.
 */
export const UNREACHED: readonly (readonly [path: string, instead: string])[] = [
  // ssh2: a client that logs in by password or key and runs a command.
  ['ssh2/lib/protocol/SFTP.js', refusing('SFTP')],
  ['ssh2/lib/server.js', ''],
  ['ssh2/lib/http-agents.js', ''],
  ['ssh2/lib/keygen.js', ''],
  ['ssh2/lib/agent.js', `${refusing('AgentContext', 'createAgent')}\nexports.isAgent = () => false;`],
  // Of chacha20-poly1305, which is not offered; it is prepared when ssh2 loads.
  [
    'ssh2/lib/protocol/crypto/poly1305.js',
    `${refusing('poly1305')}\nmodule.exports = async () => ({ _malloc: () => 0, cwrap: () => exports.poly1305 });`,
  ],
  // zod: JSON schema of a schema, which commands print.
  ['zod/v4/core/json-schema-processors.js', ''],
  ['zod/v4/core/to-json-schema.js', refusing('createStandardJSONSchemaMethod', 'createToJSONSchemaMethod')],
  // The SDK: answers in parts, of which none is asked for.
  [
    '@smithy/core/dist-es/submodules/event-streams/index.js',
    `${refusing('EventStreamSerde', 'eventStreamSerdeProvider')}\nexports.resolveEventStreamSerdeConfig = (config) => config;`,
  ],
  // The SDK: an own SHA-256 for a Node without one, and the retries of AWS_RETRY_MODE=adaptive, which no function has.
  ['@smithy/core/dist-es/submodules/checksum/sha256/Sha256Js.js', refusing('Sha256Js')],
  [
    '@smithy/core/dist-es/submodules/retry/util-retry/AdaptiveRetryStrategy.js',
    refusing('AdaptiveRetryStrategy'),
  ],
  // snappyjs: decompression.
  ['snappyjs/snappy_decompressor.js', refusing('SnappyDecompressor')],
  // The SDK: endpoints that DynamoDB names itself, where AWS_ENABLE_ENDPOINT_DISCOVERY asks for that.
  ['@aws-sdk/endpoint-cache/dist-es/EndpointCache.js', 'exports.EndpointCache = class {};'],
];

/**
 * Errors of AWS that the SDK makes of a class of their own. Of every other one it makes the base class of its service
 * with the error's name, message, fault and metadata, which is all that is read of them.
 */
export const OWN_CLASSES: readonly string[] = [
  // Compared by class.
  'ConditionalCheckFailedException',
  // Repeated by the SDK, which finds that in the class.
  'ReplicatedWriteConflictException',
];

/** Packages of which little is used, and the replacement of each. A task has its credentials from ECS, by the SDK's own search. */
export const INSTEAD_IN_TASK = { tweetnacl: './functions/sha512.ts' };
export const INSTEAD = {
  ...INSTEAD_IN_TASK,
  '@aws-sdk/credential-provider-node': './functions/environment-credentials.ts',
};

const { eventClasses: _readFromTheTable, ...known } = KNOWN_COLLECTORS;
/** In place of lib/collectors/known-collectors.ts: what it says, found when the bundle is made. */
const KNOWN = `import { eventClasses } from './event-classes.ts';
export const KNOWN_COLLECTORS = { ...${JSON.stringify(known)}, eventClasses };`;

const escaped = (text: string) => text.replaceAll(/[.]/g, '\\.');

/** Keeps out of a bundle what the function does not use of the packages that it imports. */
export const leftOut: Plugin = {
  name: 'left-out',
  setup({ onLoad, onResolve }) {
    // ssh2 has both for speed where there is a compiler, and does without them.
    onResolve({ filter: /^cpu-features$|\.node$/ }, ({ path }) => ({ path, namespace: 'absent' }));
    onLoad({ filter: /./, namespace: 'absent' }, () => ({
      contents: 'throw new Error("not in this bundle")',
    }));
    for (const [path, contents] of UNREACHED) {
      onLoad({ filter: new RegExp(`node_modules/${escaped(path)}$`) }, () => ({ contents, loader: 'js' }));
    }
    onLoad({ filter: /@aws-sdk\/client-[\w-]+\/dist-es\/schemas\/schemas_0\.js$/ }, async ({ path }) => ({
      contents: toShakable(await readFile(path, 'utf8')),
    }));
    // What is known of the collectors is the same whatever the configuration, and a function that has no metric of them
    // would bring along all of their rows to find it out.
    onLoad({ filter: /lib\/collectors\/known-collectors\.ts$/ }, () => ({ contents: KNOWN, loader: 'ts' }));
    onLoad({ filter: /node_modules\/ssh2\/lib\/protocol\/constants\.js$/ }, async ({ path }) => ({
      contents: withoutTrial(await readFile(path, 'utf8')),
    }));
    // Packages read their own version, and would bring along all that npm needs to know.
    onLoad({ filter: /node_modules\/.*\/package\.json$/ }, async ({ path }) => {
      const { version } = JSON.parse(await readFile(path, 'utf8')) as { version: string };
      return { contents: JSON.stringify({ version }), loader: 'json' };
    });
  },
};

/** ssh2 signs and verifies when it is loaded, to find out whether this Node has Ed25519. Node 24 has it. */
function withoutTrial(constants: string): string {
  const trial = /const eddsaSupported = \(\(\) => \{.*?\n\}\)\(\);/su;
  if (!trial.test(constants)) throw new Error('ssh2 finds out in another way whether there is Ed25519');
  return constants.replace(trial, 'const eddsaSupported = true;');
}

/**
 * The schemas of a client of AWS, so that those that no call names can be left out: a key that is in a variable, and
 * the call that registers an error, may do anything as far as esbuild knows.
 */
function toShakable(schemas: string): string {
  const texts = new Map(
    [...schemas.matchAll(/^const (_\w+) = (".*");$/gm)].map(([, name = '', text = '']) => [name, text]),
  );
  return schemas
    .replaceAll(/\[(_\w+)\]:/g, (key, name: string) => (texts.has(name) ? `${texts.get(name)}:` : key))
    .replaceAll(/^n0_registry\.registerError\((\w+)\$, \w+\);$/gm, (call, name: string) =>
      OWN_CLASSES.includes(name) ? call : `/* @__PURE__ */ ${call}`,
    );
}
