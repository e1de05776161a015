import { PushError } from '../http/errors.ts';

/** A Pushgateway grouping key: one PUT replaces all that the group held. */
export interface PushGroup {
  readonly job: string;
  readonly instance: string;
  /** Of a group that is divided; '' and absent are the same. */
  readonly part?: string;
}

/** The label of a divided group's parts. */
export const PART_LABEL = 'vsweep_part';

/**
 * The path of a group below the gateway's own: `/metrics/job/<job>/instance/<instance>`, and its part. A value that no path
 * segment can carry (empty, with `/`, or a dot segment) goes as `@base64` (pushgateway README, "URL").
 */
export function groupPath({ job, instance, part = '' }: PushGroup): string {
  if (job === '') {
    throw new PushError('A group without a job cannot be pushed: name the job of the sweep.', {
      code: 'group',
    });
  }
  const ofPart = part === '' ? '' : segment(PART_LABEL, part);
  return `/metrics${segment('job', job)}${segment('instance', instance)}${ofPart}`;
}

function segment(label: string, value: string): string {
  const wellFormed = value.toWellFormed();
  if (wellFormed === '') return `/${label}@base64/=`;
  if (wellFormed.includes('/') || wellFormed === '.' || wellFormed === '..') {
    return `/${label}@base64/${Buffer.from(wellFormed).toString('base64url')}`;
  }
  return `/${label}/${encodeURIComponent(wellFormed)}`;
}
