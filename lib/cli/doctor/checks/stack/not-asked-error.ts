import { messageOf, VsweepError } from '../../../../platform/errors.ts';

/** Something of AWS that nobody could be asked for: it may be as it should. */
export class NotAskedError extends VsweepError<'denied' | 'failed' | 'unknown' | 'credentials'> {}

/** How the services of AWS say that a caller lacks a right to an action. */
const DENIED = new Set(['AccessDenied', 'AccessDeniedException', 'UnauthorizedOperation']);
/** How they say that they do not know who calls, or no longer. */
const NO_CALLER = new Set([
  'ExpiredToken',
  'ExpiredTokenException',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'RequestExpired',
  'SignatureDoesNotMatch',
  'UnrecognizedClientException',
]);
/** How they say that there is no such thing; CloudFormation says it of a stack in a message. */
const ABSENT = new Set(['ResourceNotFoundException', 'QueueDoesNotExist']);

/** The answer of a call, or undefined where what it asks for does not exist. Rejects with NotAskedError where it is denied or fails. */
export async function answerOf<T>(action: string, call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    const name = error instanceof Error ? error.name : '';
    if (ABSENT.has(name)) return undefined;
    if (name === 'ValidationError' && /^Stack with id .* does not exist$/.test(messageOf(error)))
      return undefined;
    if (!DENIED.has(name)) {
      // The SDK adds advice for programmers in lines of their own.
      const [said] = messageOf(error).split('\n');
      const code = NO_CALLER.has(name) ? 'credentials' : 'failed';
      throw new NotAskedError(`${action}: ${name}: ${said}`, { code, cause: error });
    }
    const message = `AWS denies ${action} to these credentials; docs/deploy.md has the policy of the doctor`;
    throw new NotAskedError(message, { code: 'denied', cause: error });
  }
}
