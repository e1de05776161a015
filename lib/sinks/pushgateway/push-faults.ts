import { messageOf } from '../../platform/errors.ts';
import { PushError } from '../http/errors.ts';
import type { Fault, PeerWords } from '../http/faults.ts';

/** How messages call a Pushgateway, and what is special about its answers. */
export const pushgatewayWords = ({ gzip }: { gzip: boolean }): PeerWords => ({
  name: 'the Pushgateway',
  short: 'the gateway',
  section: 'push',
  faultOf(status): Fault | undefined {
    switch (status) {
      case 400:
      case 415:
        return { code: 'inconsistent', remedy: inconsistentRemedy(gzip) };
      case 404:
      case 405:
        return { code: 'not-found', remedy: 'Check the path of push.url: leave out /metrics.' };
      default:
        return undefined;
    }
  },
  /**
   * 200 without a body, or 202: of every deletion, before 0.10, and with --push.disable-consistency-check
   * (https://github.com/prometheus/pushgateway#put-method, handler/push.go).
   */
  isSuccess: ({ status, text }) => (status === 200 || status === 202) && text.trim() === '',
});

/** A part of a divided group that was not taken. */
export interface RefusedPart {
  readonly part: string;
  readonly error: unknown;
}

/** One error for all parts that were not taken; of a group that is not divided it is the error itself. */
export function partsError(refused: readonly RefusedPart[], parts: number): unknown {
  const cause = refused[0]?.error;
  if (parts === 1) return cause;
  const names = refused.map(({ part }) => part).join(', ');
  const left = refused.length === parts ? '' : ' The others were taken.';
  return new PushError(
    `${refused.length} of ${parts} parts were not taken (vsweep_part ${names}).${left} The first: ${messageOf(cause)}`,
    { code: 'parts', cause },
  );
}

function inconsistentRemedy(gzip: boolean): string {
  const base =
    'Nothing of this request was stored. The gateway rejects series that clash with another group.';
  return gzip ? `${base} A gateway older than 1.5 does not read gzip: set push.gzip: false.` : base;
}
