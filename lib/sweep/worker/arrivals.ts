import type { RetrievedObject } from '../../vsphere/property/retrieved-object.ts';
import type { BatchHost } from '../batch.ts';

/** Objects by moref, awaited by the ssh side while the vCenter side delivers them. */
export interface Arrivals {
  arrived(object: RetrievedObject): void;
  /** Nothing more will come. */
  end(): void;
  /** The host's object, also when it came long ago; undefined when it does not come before the signal aborts. */
  of(moref: string, signal: AbortSignal): Promise<RetrievedObject | undefined>;
}

export function createArrivals(hosts: readonly Pick<BatchHost, 'moref'>[]): Arrivals {
  const waiting = new Map(
    hosts.map(({ moref }) => [moref, Promise.withResolvers<RetrievedObject | undefined>()] as const),
  );
  return {
    arrived: (object) => waiting.get(object.moref.value)?.resolve(object),
    end: () => {
      for (const { resolve } of waiting.values()) resolve(undefined);
    },
    async of(moref, signal) {
      const given = Promise.withResolvers<undefined>();
      const giveUp = () => given.resolve(undefined);
      signal.addEventListener('abort', giveUp, { once: true });
      if (signal.aborted) giveUp();
      try {
        return await Promise.race([waiting.get(moref)?.promise, given.promise]);
      } finally {
        signal.removeEventListener('abort', giveUp);
      }
    },
  };
}
