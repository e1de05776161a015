import type { Measured } from './measured.ts';

/** What a client that asks for many objects, one a request, is told. */
export interface PollOrder {
  readonly endpoint: string;
  /** What the target is called. */
  readonly hostname: string;
  readonly method: 'vm.get' | 'host.get';
  /** One request each. */
  readonly names: readonly string[];
  /** So many ask at once, each the next when it has its reply. */
  readonly clients: number;
}

export interface PollsMeasured extends Measured {
  /** Of each request, from its sending to its reply. */
  readonly eachMs: readonly number[];
}
