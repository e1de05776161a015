import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from './sandbox.ts';

/** What a program under Apache-2.0 may bring: https://www.apache.org/legal/resolved.html */
const MAY_BE_SHIPPED = ['0BSD', 'Apache-2.0', 'BSD-3-Clause', 'ISC', 'MIT', 'Unlicense'];

interface Package {
  readonly dev?: boolean;
  readonly license?: string;
}

const readJson = (file: string) => JSON.parse(readFileSync(join(ROOT, file), 'utf8'));

/** Older packages name their licence in a form that npm does not put into the lock file. */
function licenceOf(folder: string, { license }: Package): string {
  if (license !== undefined) return license;
  const { licenses = [] }: { licenses?: readonly { type: string }[] } = readJson(
    join(folder, 'package.json'),
  );
  return licenses.map(({ type }) => type).join(' AND ');
}

it('each package that is installed with vsweep has a licence that lets it be shipped', () => {
  const packages: Readonly<Record<string, Package>> = readJson('package-lock.json').packages;
  const shipped = Object.entries(packages).filter(([folder, { dev }]) => folder !== '' && !dev);
  const licences = shipped.map(([folder, found]) => [folder, licenceOf(folder, found)] as const);
  expect(licences.length).toBeGreaterThan(50);
  const unknown = licences.filter(([, licence]) => !MAY_BE_SHIPPED.includes(licence));
  expect(unknown).toEqual([]);
});
