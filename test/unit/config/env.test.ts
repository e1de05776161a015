import { describe, expect, it } from 'vitest';
import { readEnv } from '../../../lib/config/env.ts';

const env = { VSWEEP_TABLE: 'vsweep', LAMBDA_TASK_ROOT: '/var/task', HOME: 'elsewhere' };

describe('readEnv', () => {
  it('gives what was asked for, by our own names, and nothing else', () => {
    expect(readEnv(env, ['table', 'taskRoot'])).toEqual({ table: 'vsweep', taskRoot: '/var/task' });
    expect(readEnv(env, [])).toEqual({});
  });

  it('names every variable that is missing or empty at once, and what to do', () => {
    const read = () => readEnv({ VSWEEP_TABLE: '' }, ['table', 'collectBatch', 'taskRoot']);
    expect(read).toThrow(
      [
        'environment: 3 faults',
        '  VSWEEP_TABLE: is empty; the deployment has to set it',
        '  VSWEEP_COLLECT_BATCH: is not set; the deployment has to set it',
        '  LAMBDA_TASK_ROOT: is not set; the deployment has to set it',
      ].join('\n'),
    );
  });
});
