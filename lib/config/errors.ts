import { VsweepError } from '../platform/errors.ts';

/** One fault of a configuration: where it is and what to write instead. */
export interface ConfigIssue {
  /** `sweeps[0].every`; empty for the file as a whole. */
  readonly path: string;
  readonly message: string;
}

/** The configuration cannot be used. Holds every fault that was found, not the first one. */
export class ConfigError extends VsweepError<'config'> {
  readonly issues: readonly ConfigIssue[];

  constructor(file: string, issues: readonly ConfigIssue[], cause?: unknown) {
    const lines = issues.map(({ path, message }) => `  ${path === '' ? '' : `${path}: `}${message}`);
    const count = issues.length === 1 ? '1 fault' : `${issues.length} faults`;
    super(`${file}: ${count}\n${lines.join('\n')}`, { code: 'config', cause });
    this.issues = issues;
  }
}
