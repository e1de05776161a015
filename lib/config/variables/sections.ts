import type { Variables } from './variables.ts';

/** The Pushgateway, which no other tool had. */
export function pushSection(variables: Variables, origins: Map<string, string>) {
  const url = variables.text('VSWEEP_PUSH_URL');
  if (url === undefined) return undefined;
  origins.set('push', 'VSWEEP_PUSH_URL');
  const user = variables.text('VSWEEP_PUSH_USER') ?? variables.text('VSWEEP_PUSH_PASSWORD');
  return { url, ...(user === undefined ? {} : { credentials: { env: 'VSWEEP_PUSH' } }) };
}

/** The variable from which what stands at a path came: that of the longest path that leads to it. */
export function originOf(path: string, origins: ReadonlyMap<string, string>): string | undefined {
  const plain = path.replaceAll(/\[\d+\]/g, '[]');
  const [longest] = [...origins.keys()]
    .filter((key) => path.startsWith(key) || plain.startsWith(key))
    .toSorted((one, other) => other.length - one.length);
  return longest === undefined ? undefined : origins.get(longest);
}
