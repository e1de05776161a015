import { Logger } from '@aws-lambda-powertools/logger';
import type { Log } from '../lib/platform/log.ts';

/** What happens in a function, a JSON object a line, for CloudWatch. */
export function createFunctionLog(service: string): Log {
  const logger = new Logger({ serviceName: `vsweep-${service}`, logLevel: 'INFO' });
  return {
    debug: (message, fields = {}) => logger.debug(message, fields),
    info: (message, fields = {}) => logger.info(message, fields),
    warn: (message, fields = {}) => logger.warn(message, fields),
    error: (message, fields = {}) => logger.error(message, fields),
  };
}
