import type { PollReply } from './reply.ts';

/** Lambda takes 6 MiB of what a function answers; this leaves some for the failures of those that do not fit. */
export const MAX_ANSWER_BYTES = 6_000_000;

/**
 * Replies that fit into one answer, in their order. Those for which there is no room any more are failures that say
 * what to do: beyond its limit Lambda would deliver none of them.
 */
export function fitReplies(
  replies: readonly PollReply[],
  { maxBytes, bytesOf }: { maxBytes: number; bytesOf: (reply: PollReply) => number },
): readonly PollReply[] {
  let left = maxBytes;
  return replies.map((reply) => {
    const bytes = bytesOf(reply);
    if (bytes > left) return tooLarge(bytes);
    left -= bytes;
    return reply;
  });
}

const tooLarge = (bytes: number): PollReply => ({
  success: 1,
  msg: `Cannot send result: it has ${bytes} bytes, more than Lambda delivers in one answer; ask for fewer properties, or for fewer requests at once`,
});
