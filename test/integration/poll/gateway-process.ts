import { createInterface } from 'node:readline';
import { start } from '../cli/vsweep-process.ts';

/** `vsweep gateway` in a process of its own. Dispose it: that kills it, if it has not ended. */
export interface GatewayProcess extends AsyncDisposable {
  /** Where it listens. */
  readonly endpoint: string;
  kill(signal: 'SIGTERM' | 'SIGINT' | 'SIGKILL'): void;
  readonly ended: ReturnType<typeof start>['ended'];
}

/** Resolves when it answers; `listen` is any free port of its own choice by default. */
export async function startGatewayProcess(
  folder: Parameters<typeof start>[0],
  { listen = 'tcp://127.0.0.1:*', args = [] }: { listen?: string; args?: readonly string[] } = {},
): Promise<GatewayProcess> {
  const { child, ended } = start(folder, 'gateway', '--listen', listen, ...args);
  if (child.stderr === null) throw new Error('it has no standard error');
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  createInterface({ input: child.stderr }).on('line', (line) => {
    const [, endpoint] = /answering endpoint="?(tcp:[^"\s]+)/.exec(line) ?? [];
    if (endpoint !== undefined) resolve(endpoint);
  });
  ended.then(({ errors }) => reject(new Error(`the gateway has ended: ${errors}`)), reject);
  return {
    endpoint: await promise,
    ended,
    kill: (signal) => void child.kill(signal),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
