import * as z from 'zod';
import { PushError } from '../http/errors.ts';
import { PART_LABEL } from './group-path.ts';

/** A group as the Pushgateway has it. Times are milliseconds since the epoch, absent when it never happened. */
export interface GatewayGroup {
  readonly job: string;
  readonly instance: string;
  /** Of a group that is divided. */
  readonly part?: string;
  readonly pushedAt?: number;
  /** When the gateway refused a push to the group for the last time. */
  readonly failedAt?: number;
  readonly lastPushSuccessful: boolean;
}

const SECOND_MS = 1_000;
const time = z
  .object({ metrics: z.array(z.object({ value: z.coerce.number() })).min(1) })
  // 0 is the gateway's word for never.
  .transform(({ metrics }) => (metrics[0]?.value ? Math.round(metrics[0].value * SECOND_MS) : undefined))
  .optional();
const answer = z.object({
  status: z.literal('success'),
  data: z.array(
    z.object({
      labels: z.record(z.string(), z.string()),
      last_push_successful: z.boolean(),
      push_time_seconds: time,
      push_failure_time_seconds: time,
    }),
  ),
});

/**
 * The groups in the answer to `GET /api/v1/metrics` (pushgateway README, "Query API"). Those with other labels than
 * job, instance and vsweep_part are somebody else's and left out. Throws PushError when it is no such answer.
 */
export function parseGatewayGroups(text: string): GatewayGroup[] {
  const { data } = parseAnswer(text);
  return data.flatMap((group) => {
    const { job, instance, [PART_LABEL]: part, ...others } = group.labels;
    if (job === undefined || instance === undefined || Object.keys(others).length > 0) return [];
    const { push_time_seconds: pushedAt, push_failure_time_seconds: failedAt } = group;
    return {
      job,
      instance,
      ...(part === undefined ? {} : { part }),
      ...(pushedAt === undefined ? {} : { pushedAt }),
      ...(failedAt === undefined ? {} : { failedAt }),
      lastPushSuccessful: group.last_push_successful,
    };
  });
}

function parseAnswer(text: string): z.infer<typeof answer> {
  try {
    return answer.parse(JSON.parse(text));
  } catch (cause) {
    throw new PushError('The answer to GET /api/v1/metrics is not from a Pushgateway. Check push.url.', {
      code: 'malformed',
      cause,
    });
  }
}
