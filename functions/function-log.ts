import type { Clock } from '../lib/platform/clock.ts';
import type { Log, LogFields } from '../lib/platform/log.ts';
import { logContext } from '../lib/platform/log-context.ts';

interface FunctionLogOptions {
  readonly service: string;
  readonly clock: Pick<Clock, 'now'>;
  /** Takes a line with its end. Past `console` by default, before whose lines Lambda writes a time and a request id. */
  readonly write?: (line: string) => void;
  /** Where Lambda names the trace of each invocation. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/**
 * What happens in a function, a JSON object a line, for CloudWatch: from `info` on, with the invocation and the run it
 * belongs to, by the keys of Powertools for AWS.
 */
export function createFunctionLog(options: FunctionLogOptions): Log {
  const { service, clock, write = (line) => process.stdout.write(line), env = process.env } = options;
  const at =
    (level: string) =>
    (message: string, fields: LogFields = {}) => {
      const own = {
        level,
        message,
        timestamp: new Date(clock.now()).toISOString(),
        service: `vsweep-${service}`,
        xray_trace_id: /Root=([^;]+)/.exec(env['_X_AMZN_TRACE_ID'] ?? '')?.[1],
      };
      // No field takes the place of one of these, which stand first for who reads them.
      write(`${JSON.stringify({ ...own, ...logContext(), ...fields, ...own })}\n`);
    };
  return { debug: () => undefined, info: at('INFO'), warn: at('WARN'), error: at('ERROR') };
}
