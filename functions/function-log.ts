import { Logger } from '@aws-lambda-powertools/logger';
import type { Log, LogFields } from '../lib/platform/log.ts';
import { logContext } from '../lib/platform/log-context.ts';

const withContext = (fields: LogFields = {}): LogFields => ({ ...logContext(), ...fields });

/** What happens in a function, a JSON object a line, for CloudWatch: with the invocation and the run it belongs to. */
export function createFunctionLog(service: string): Log {
  const logger = new Logger({ serviceName: `vsweep-${service}`, logLevel: 'INFO' });
  return {
    debug: (message, fields) => logger.debug(message, withContext(fields)),
    info: (message, fields) => logger.info(message, withContext(fields)),
    warn: (message, fields) => logger.warn(message, withContext(fields)),
    error: (message, fields) => logger.error(message, withContext(fields)),
  };
}
