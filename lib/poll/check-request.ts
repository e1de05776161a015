import type { TargetConfig } from '../config/schema.ts';
import { PollError } from './errors.ts';
import type { PollMethod, PollRequest } from './method.ts';

export interface CheckedRequest {
  readonly method: PollMethod;
  readonly target: TargetConfig;
  readonly request: PollRequest;
}

/** What there is to ask for. */
export interface Offer {
  readonly methods: readonly PollMethod[];
  /** What a method was called once -> its name. */
  readonly oldNames: ReadonlyMap<string, string>;
  readonly targets: readonly TargetConfig[];
}

/**
 * Checks a message in vPoller's order and answers a fault in its words: an object, its method, its `hostname` (the
 * name of a target or one of its aliases), the keys that the method requires. Unknown keys are let pass. Throws
 * PollError.
 */
export function checkRequest(message: unknown, { methods, oldNames, targets }: Offer): CheckedRequest {
  if (!isObject(message)) throw fault(`Expected a JSON message, received <class '${pythonClass(message)}'>`);
  const called = fieldOf(message, 'method');
  const current = typeof called === 'string' ? (oldNames.get(called) ?? called) : called;
  const method = methods.find(({ name }) => name === current);
  if (method === undefined) throw fault('Unknown or missing task/method name');
  const hostname = fieldOf(message, 'hostname');
  const target = targets.find(
    ({ name, aliases }) => name === hostname || aliases.some((one) => one === hostname),
  );
  if (target === undefined) throw fault('Unknown or missing agent name');
  const has = (key: string) => namesOf(key).some((one) => Object.hasOwn(message, one));
  if (!method.requiredKeys.every(has)) throw fault('Invalid task request');
  return { method, target, request: readRequest(message) };
}

/** What older clients call a key: 0.1 named a datastore by `info.url`, vpoller-cclient a counter by `counter-id`. */
const OLD_KEYS: ReadonlyMap<string, string> = new Map([
  ['name', 'info.url'],
  ['counter-name', 'counter-id'],
]);

function namesOf(key: string): readonly string[] {
  const old = OLD_KEYS.get(key);
  return old === undefined ? [key] : [key, old];
}

const fault = (message: string) => new PollError(message, { code: 'request' });

type Message = Readonly<Record<string, unknown>>;

function isObject(message: unknown): message is Message {
  return typeof message === 'object' && message !== null && !Array.isArray(message);
}

const fieldOf = (message: Message, key: string): unknown =>
  Object.hasOwn(message, key) ? message[key] : undefined;

/** The keys of a message that is a request, each checked. Throws PollError. */
export function readRequest(message: unknown): PollRequest {
  if (!isObject(message)) throw fault('Invalid task request');
  const written = (key: string) =>
    namesOf(key)
      .map((one) => toText(fieldOf(message, one)))
      .find((one) => one !== undefined);
  // An empty text stands for nothing, but it is a name that nothing has.
  const text = (key: string) => written(key) || undefined;
  return {
    name: written('name'),
    properties: toProperties(fieldOf(message, 'properties')),
    key: text('key'),
    counterName: text('counter-name'),
    instance: text('instance'),
    maxSample: text('max-sample'),
    perfInterval: text('perf-interval'),
    username: text('username'),
    password: text('password'),
  };
}

/** What the printf of C makes of a NULL: vPoller's C clients send it for what they were not given. */
const C_NULL = '(null)';

/** Longer than any name in vSphere, and than any property path. */
const MAX_TEXT = 4_096;
const MAX_PROPERTIES = 1_000;

/** Undefined for what stands for nothing. */
function toText(value: unknown): string | undefined {
  if (value === undefined || value === null || value === C_NULL) return undefined;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value !== 'string' || value.length > MAX_TEXT) throw fault('Invalid task request');
  return value;
}

/** A list, null for none, or a text with commas, as `vpoller-client -p` takes it. */
function toProperties(value: unknown): readonly string[] {
  const given = typeof value === 'string' ? value.split(',') : (value ?? []);
  if (!Array.isArray(given) || given.length > MAX_PROPERTIES || !given.every(isPath)) {
    throw fault('Invalid task request');
  }
  return [...new Set(given.filter((path) => path !== '' && path !== C_NULL))];
}

const isPath = (value: unknown): value is string => typeof value === 'string' && value.length <= MAX_TEXT;

/** What Python calls the class of a value that was parsed from JSON. */
function pythonClass(value: unknown): string {
  if (value === null || value === undefined) return 'NoneType';
  if (Array.isArray(value)) return 'list';
  if (typeof value === 'string') return 'str';
  if (typeof value === 'boolean') return 'bool';
  return Number.isInteger(value) ? 'int' : 'float';
}
