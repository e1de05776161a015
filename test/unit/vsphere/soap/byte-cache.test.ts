import { expect, it } from 'vitest';
import { ByteCache } from '../../../../lib/vsphere/soap/byte-cache.ts';

const SAME_HASH = 7;

const upperCase = (maxLength: number) => {
  const made: string[] = [];
  const cache = new ByteCache({
    places: 4,
    maxLength,
    make: (text) => {
      made.push(text);
      return text.toUpperCase();
    },
  });
  const get = (text: string) =>
    cache.get(Buffer.from(`<${text}>`), 1, 1 + Buffer.byteLength(text), SAME_HASH);
  return { get, made };
};

it('makes a value once for bytes that come again', () => {
  const { get, made } = upperCase(10);
  expect(['host', 'host', 'host'].map(get)).toEqual(['HOST', 'HOST', 'HOST']);
  expect(made).toEqual(['host']);
});

it('tells bytes of one length and one hash apart, and the newcomer takes the place', () => {
  const { get, made } = upperCase(10);
  expect(['host', 'hose', 'hose', 'host'].map(get)).toEqual(['HOST', 'HOSE', 'HOSE', 'HOST']);
  expect(made).toEqual(['host', 'hose', 'host']);
});

it('tells bytes of which one begins like the other apart', () => {
  const { get } = upperCase(10);
  expect(['host', 'hosts', 'host'].map(get)).toEqual(['HOST', 'HOSTS', 'HOST']);
});

it('holds nothing that is too long', () => {
  const { get, made } = upperCase(3);
  expect(['host', 'host'].map(get)).toEqual(['HOST', 'HOST']);
  expect(made).toEqual(['host', 'host']);
});
