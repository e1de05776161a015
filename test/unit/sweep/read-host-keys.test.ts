import { expect, it } from 'vitest';
import { StateError } from '../../../lib/state/errors.ts';
import type { HostKeyStore } from '../../../lib/state/host-keys.ts';
import { readHostKeys } from '../../../lib/sweep/accounts/read-host-keys.ts';

it('tells which items could not be read, and which are not believed', async () => {
  const error = new StateError('no key', { code: 'malformed' });
  const readAll: HostKeyStore['readAll'] = async (options) => {
    options.onMalformed?.('esx1:22', error);
    options.onUnsealed?.('esx2:22');
    return new Map();
  };
  expect(await readHostKeys({ hostKeys: { readAll } }, { signal: new AbortController().signal })).toEqual({
    keys: new Map(),
    malformed: new Map([['esx1:22', error]]),
    unsealed: ['esx2:22'],
  });
});
