import { describe, expect, it } from 'vitest';
import { isLoopback } from '../../../lib/cli/gateway.ts';

describe('an endpoint of a gateway', () => {
  it.each(['tcp://127.0.0.1:10123', 'tcp://127.255.10.1:*', 'tcp://localhost:1', 'tcp://[::1]:1'])(
    '%s is reached by this machine alone',
    (endpoint) => {
      expect(isLoopback(endpoint)).toBe(true);
    },
  );

  it.each([
    'tcp://*:10123',
    'tcp://10.0.0.1:1',
    'tcp://127.example.org:1',
    'tcp://127.0.0.1.example.org:1',
    'tcp://127.0.0:1',
    'tcp://localhost.example.org:1',
    'tcp://[::1:2]:1',
    'tcp://[::]:1',
    'xtcp://127.0.0.1:1',
  ])('%s may be reached by others', (endpoint) => {
    expect(isLoopback(endpoint)).toBe(false);
  });
});
