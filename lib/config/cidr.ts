import { isIP } from 'node:net';

/** An address as AWS writes it: of IPv6 in small letters, the longest zeros left out. Undefined where it is none. */
export function canonicalAddress(written: string): string | undefined {
  const family = isIP(written);
  // A zone (fe80::1%eth0) is of one machine.
  if (family === 0 || written.includes('%')) return undefined;
  return family === 4 ? written : new URL(`http://[${written}]/`).hostname.slice(1, -1);
}

/**
 * A range as AWS writes it, by whose text it tells duplicates: the first address and the length. Undefined where it is
 * none. `isFirst` says whether the address that is written is the range's first one.
 */
export function canonicalRange(
  written: string,
): { readonly range: string; readonly isFirst: boolean } | undefined {
  const [text = '', length = '', ...more] = written.split('/');
  const address = canonicalAddress(text);
  if (address === undefined || more.length > 0 || !/^\d{1,3}$/.test(length)) return undefined;
  const groups = groupsOf(address);
  const width = address.includes(':') ? 16 : 8;
  const bits = Number(length);
  if (bits > groups.length * width) return undefined;
  const masked = groups.map((group, index) => {
    const rest = Math.min(Math.max((index + 1) * width - bits, 0), width);
    return group - (group % 2 ** rest);
  });
  const first =
    width === 8
      ? masked.join('.')
      : (canonicalAddress(masked.map((group) => group.toString(16)).join(':')) ?? '');
  return { range: `${first}/${bits}`, isFirst: first === address };
}

function groupsOf(address: string): number[] {
  if (!address.includes(':')) return address.split('.').map(Number);
  const [head = [], tail = []] = address
    .split('::')
    .map((part) => (part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16))));
  return [...head, ...Array.from({ length: 8 - head.length - tail.length }, () => 0), ...tail];
}
