import { describe, expect, it } from 'vitest';
import { askAws } from '../../../../lib/cli/doctor/checks/stack/ask-aws.ts';
import type { AwsClients } from '../../../../lib/cli/doctor/checks/stack/aws-clients.ts';
import { answerOf, NotAskedError } from '../../../../lib/cli/doctor/checks/stack/not-asked-error.ts';

const named = (name: string, message: string) => Object.assign(new Error(message), { name });
const asked = (error: Error) => answerOf('service:Action', Promise.reject(error));

describe('an answer of AWS', () => {
  it('is none where there is no such thing', async () => {
    expect(await asked(named('ResourceNotFoundException', 'no function'))).toBeUndefined();
    expect(await asked(named('ValidationError', 'Stack with id Vsweep does not exist'))).toBeUndefined();
  });

  it('is told apart from a request that is wrong, and from a service that fails', async () => {
    await expect(asked(named('ValidationError', 'Stack name is too long'))).rejects.toThrow(
      'service:Action: ValidationError: Stack name is too long',
    );
    await expect(asked(named('ExpiredToken', 'expired\n  advice for programmers'))).rejects.toThrow(
      /^service:Action: ExpiredToken: expired$/,
    );
  });

  it.each(['AccessDenied', 'AccessDeniedException', 'UnauthorizedOperation'])(
    'names the action where IAM says %s',
    async (name) => {
      const denied = asked(named(name, 'no'));
      await expect(denied).rejects.toBeInstanceOf(NotAskedError);
      await expect(denied).rejects.toThrow('AWS denies service:Action to these credentials');
    },
  );
});

describe('a list of AWS', () => {
  it('ends, also where each page names another one', async () => {
    let pages = 0;
    const send = async () => {
      pages += 1;
      return { StackResourceSummaries: [], MetricAlarms: [], NextToken: 'again' };
    };
    const clients = { cloudformation: { send }, cloudwatch: { send } } as unknown as AwsClients;
    const ask = askAws(clients, { signal: new AbortController().signal });
    await expect(ask.resources('Vsweep')).rejects.toThrow('more than 50 pages');
    await expect(ask.alarms('Vsweep-')).rejects.toThrow('more than 50 pages');
    expect(pages).toBe(100);
  });
});
