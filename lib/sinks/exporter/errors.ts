import { VsweepError } from '../../platform/errors.ts';

export type ExporterErrorCode = 'listen';

/** The exporter cannot serve. */
export class ExporterError extends VsweepError<ExporterErrorCode> {}
