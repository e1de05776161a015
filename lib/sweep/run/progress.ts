import { messageOf } from '../../platform/errors.ts';
import type { Log } from '../../platform/log.ts';

/** How many hosts of a target are done. */
export interface Progress {
  readonly target: string;
  readonly done: number;
  readonly hosts: number;
}

/** Whoever watches, and what is thrown there, costs the run nothing. */
export function tell(
  progress: Progress,
  { onProgress, log }: { readonly onProgress?: (progress: Progress) => void; readonly log: Log },
): void {
  try {
    onProgress?.(progress);
  } catch (error) {
    log.debug('the progress could not be shown', { target: progress.target, error: messageOf(error) });
  }
}
