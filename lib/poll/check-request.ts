import type { TargetConfig } from '../config/schema.ts';
import { PollError } from './errors.ts';
import type { PollMethod, PollRequest } from './method.ts';

export interface CheckedRequest {
  readonly method: PollMethod;
  readonly target: TargetConfig;
  readonly request: PollRequest;
}

/**
 * Checks a message in vPoller's order and answers a fault in its words: an object, its method, its `hostname` (the
 * name of a target), the keys that the method requires. Unknown keys are let pass. Throws PollError.
 */
export function checkRequest(
  message: unknown,
  { methods, targets }: { methods: readonly PollMethod[]; targets: readonly TargetConfig[] },
): CheckedRequest {
  if (!isObject(message)) throw fault(`Expected a JSON message, received <class '${pythonClass(message)}'>`);
  const method = methods.find(({ name }) => name === fieldOf(message, 'method'));
  if (method === undefined) throw fault('Unknown or missing task/method name');
  const target = targets.find(({ name }) => name === fieldOf(message, 'hostname'));
  if (target === undefined) throw fault('Unknown or missing agent name');
  if (!method.requiredKeys.every((key) => Object.hasOwn(message, key))) throw fault('Invalid task request');
  return { method, target, request: { properties: toProperties(fieldOf(message, 'properties')) } };
}

const fault = (message: string) => new PollError(message, { code: 'request' });

type Message = Readonly<Record<string, unknown>>;

function isObject(message: unknown): message is Message {
  return typeof message === 'object' && message !== null && !Array.isArray(message);
}

const fieldOf = (message: Message, key: string): unknown =>
  Object.hasOwn(message, key) ? message[key] : undefined;

/** A list, null for none, or a text with commas, as `vpoller-client -p` takes it. */
function toProperties(value: unknown): readonly string[] {
  const given = typeof value === 'string' ? value.split(',') : (value ?? []);
  if (!Array.isArray(given) || !given.every((one) => typeof one === 'string')) {
    throw fault('Invalid task request');
  }
  return [...new Set(given.filter((path) => path !== ''))];
}

/** What Python calls the class of a value that was parsed from JSON. */
function pythonClass(value: unknown): string {
  if (value === null || value === undefined) return 'NoneType';
  if (Array.isArray(value)) return 'list';
  if (typeof value === 'string') return 'str';
  if (typeof value === 'boolean') return 'bool';
  return Number.isInteger(value) ? 'int' : 'float';
}
