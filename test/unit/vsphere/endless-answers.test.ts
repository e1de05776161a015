import { describe, expect, it } from 'vitest';
import { MAX_OBJECTS, retrievePages } from '../../../lib/vsphere/property/retrieve-pages.ts';
import { AROUND_OBJECTS, cannedSession } from './canned-session.ts';
import { soapAnswer } from './soap-messages.ts';

const { signal } = new AbortController();
const [HEAD] = AROUND_OBJECTS;

const objectOf = (host: string) => `<objects><obj type="HostSystem">${host}</obj></objects>`;

describe('a retrieval whose answer never ends', () => {
  const limit = { signal, maxObjects: 5_000 };
  const tooLarge = expect.objectContaining({
    code: 'too-large',
    message: expect.stringContaining('does not end'),
  });

  it('may have 500,000 objects', () => {
    expect(MAX_OBJECTS).toBe(500_000);
  });

  it('ends with an error, and what came is as much as there may be', async () => {
    const many = Buffer.from(objectOf('host-1').repeat(10));
    function* endless() {
      yield Buffer.from(HEAD);
      for (;;) yield many;
    }
    let came = 0;
    const read = async () => {
      for await (const _ of retrievePages(cannedSession(endless), '', limit)) came += 1;
    };
    await expect(read()).rejects.toEqual(tooLarge);
    // The page itself counts as a hundred.
    expect(came).toBe(4_900);
  });

  it('ends with an error also when it has empty pages only', async () => {
    const session = cannedSession(({ operation }) => [
      Buffer.from(
        soapAnswer(
          `<${operation}Response xmlns="urn:vim25"><returnval><token>t</token></returnval></${operation}Response>`,
        ),
      ),
    ]);
    const read = async () => {
      for await (const _ of retrievePages(session, '', limit)) throw new Error('an object came');
    };
    await expect(read()).rejects.toEqual(tooLarge);
  });
});
