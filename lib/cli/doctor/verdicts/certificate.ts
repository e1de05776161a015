import { green, type Verdict, yellow } from './verdict.ts';

const DAY_MS = 86_400_000;
/** So long before, as the alert on certificates of vCenters says it. */
const SOON_DAYS = 30;

/** Of a certificate that was believed; `endsAt` in milliseconds since the epoch, undefined where it has no readable end. */
export function judgeCertificate({
  endsAt,
  now,
  isPinned,
}: {
  readonly endsAt: number | undefined;
  readonly now: number;
  readonly isPinned: boolean;
}): Verdict {
  if (endsAt === undefined) return green('the certificate is trusted; its end cannot be read');
  const end = new Date(endsAt).toISOString().slice(0, 10);
  const days = Math.floor((endsAt - now) / DAY_MS);
  const renew = isPinned
    ? 'Renew it, and add the fingerprint of the new one to tls.sha256 before'
    : 'Renew it';
  if (endsAt <= now)
    return yellow(`the certificate ended on ${end} and is accepted only because it is pinned. ${renew}`);
  if (days < SOON_DAYS) return yellow(`the certificate ends on ${end}, ${within(days)}. ${renew}`);
  return green(`the certificate is trusted and ends on ${end}`);
}

const within = (days: number): string => {
  if (days === 0) return 'within a day';
  return days === 1 ? 'in 1 day' : `in ${days} days`;
};
