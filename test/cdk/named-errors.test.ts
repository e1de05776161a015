import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nameErrors } from '../../cdk/named-errors.ts';

const root = join(import.meta.dirname, '../..');

describe('error classes in the bundles', () => {
  it.each(globSync('{lib,functions}/**/*.ts', { cwd: root }).sort())('have their names in %s', (file) => {
    const source = readFileSync(join(root, file), 'utf8');
    const classes = [...source.matchAll(/\bclass (\w+) extends \w*Error\b/g)].map(([, name]) => name);
    const named = [...nameErrors(source).matchAll(/static override readonly name = '(\w+)';/g)];
    expect(named.map(([, name]) => name)).toEqual(classes);
  });

  it('stand on the lines on which they were', () => {
    const source = "export class OneError extends VsweepError<\n  'a' | 'b'\n> {}\nexport class Two {}\n";
    expect(nameErrors(source)).toBe(
      "export class OneError extends VsweepError<\n  'a' | 'b'\n> { static override readonly name = 'OneError';}\nexport class Two {}\n",
    );
  });
});
