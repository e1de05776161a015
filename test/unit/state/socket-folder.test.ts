import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openSocketFolder } from '../../../lib/state/socket-folder.ts';

const LONG = join(...Array.from({ length: 12 }, () => 'twenty-bytes-a-folder'));

describe('openSocketFolder', () => {
  it('names a socket by its path where that is short', async () => {
    await using sockets = await openSocketFolder('/var/lib/vsweep');
    expect(sockets.pathOf('socket')).toBe('/var/lib/vsweep/socket');
  });

  it('refuses a long path where an open folder has no name, and says what to do', async () => {
    await expect(openSocketFolder(`/${LONG}`, { platform: 'darwin' })).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringContaining('Set a shorter state.path.'),
    });
  });
});
