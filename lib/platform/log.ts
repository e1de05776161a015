export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** What happened, for the operator. Never give it a secret, a ticket or a cookie: it prints what it gets. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

const LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LEVELS)[number];

/** One line of text an entry: `<level> <message> key=value …`, from `level` upwards. */
export function createLineLog(options: { write: (line: string) => void; level: LogLevel }): Log {
  const lowest = LEVELS.indexOf(options.level);
  const at =
    (level: LogLevel) =>
    (message: string, fields: LogFields = {}) => {
      if (LEVELS.indexOf(level) < lowest) return;
      const pairs = Object.entries(fields)
        .filter(([, value]) => value !== undefined)
        .map(([key, value]) => ` ${key}=${JSON.stringify(value)}`);
      options.write(`${level.padEnd(5)} ${message}${pairs.join('')}`);
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

/** Drops everything: for who says in other words what happened, and for tests. */
export const silentLog: Log = createLineLog({ write: () => undefined, level: 'error' });

/** The same log for a part that has more to tell than who reads it wants: what it says at info is for debug. */
export const quieter = (log: Log): Log => ({ ...log, info: (...line) => log.debug(...line) });
