import { PushError } from './errors.ts';

/** A Pushgateway grouping key: one PUT replaces all that the group held. */
export interface PushGroup {
  readonly job: string;
  readonly instance: string;
}

/**
 * The path of a group below the gateway's own: `/metrics/job/<job>/instance/<instance>`. A value that no path
 * segment can carry (empty, with `/`, or a dot segment) goes as `@base64` (pushgateway README, "URL").
 */
export function groupPath({ job, instance }: PushGroup): string {
  if (job === '') {
    throw new PushError('A group without a job cannot be pushed: name the job of the sweep.', {
      code: 'group',
    });
  }
  return `/metrics${segment('job', job)}${segment('instance', instance)}`;
}

function segment(label: string, value: string): string {
  const wellFormed = value.toWellFormed();
  if (wellFormed === '') return `/${label}@base64/=`;
  if (wellFormed.includes('/') || wellFormed === '.' || wellFormed === '..') {
    return `/${label}@base64/${Buffer.from(wellFormed).toString('base64url')}`;
  }
  return `/${label}/${encodeURIComponent(wellFormed)}`;
}
