import { nearestName } from '../platform/nearest-name.ts';

/** Of a fleet with hundreds of targets, the screen would hold nothing else. */
const MAX_LISTED = 20;

interface NamedTarget {
  readonly name: string;
  readonly url: string;
  readonly aliases?: readonly string[];
}

/**
 * What to say of a name that nothing has: what was probably meant, and what there is. `what` is the word for it, such as
 * `sweep`.
 */
export function sayNone(what: string, name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known);
  return none(what, name, { known, meant: nearest && `did you mean "${nearest}"?` });
}

/** The same for a target, whose url or address may be given instead of its name. */
export function sayNoTarget(name: string, targets: readonly NamedTarget[]): string {
  const known = targets.flatMap((target) => [target.name, ...(target.aliases ?? [])]);
  const host = hostOf(name);
  const asked = targets.find(({ url }) => hostOf(url) === host);
  return asked === undefined || host === undefined
    ? sayNone('target', name, known)
    : none('target', name, { known, meant: `the target with this url is called "${asked.name}".` });
}

function none(
  what: string,
  name: string,
  { known, meant }: { known: readonly string[]; meant: string | undefined },
): string {
  const more = known.length > MAX_LISTED ? ` and ${known.length - MAX_LISTED} more` : '';
  const names = `nown ${what}s: ${known.slice(0, MAX_LISTED).join(', ')}${more}`;
  return `there is no ${what} "${name}"; ${meant === undefined ? `k${names}` : `${meant} K${names}`}`;
}

/** Host and port of a url, or of an address as a browser takes it. */
function hostOf(text: string): string | undefined {
  const host = URL.parse(/^https?:\/\//i.test(text) ? text : `https://${text}`)?.host;
  return host === '' ? undefined : host;
}
