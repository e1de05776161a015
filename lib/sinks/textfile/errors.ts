import { VsweepError } from '../../platform/errors.ts';

/** A file of series could not be written or deleted. */
export class TextfileError extends VsweepError<'missing' | 'refused' | 'full' | 'broken'> {}
