import { describe, expect, it } from 'vitest';
import { declaredAs } from '../../../../lib/collectors/own/own-value.ts';

describe('how a value is declared', () => {
  it.each(['byte', 'short', 'int', 'long', 'float', 'double'])('is as a number for %s', (type) => {
    expect(declaredAs({ type, isArray: false })).toBe('number');
    expect(declaredAs({ type, isArray: true })).toBe('array');
  });
});
