import type { Stack, StackResourceSummary } from '@aws-sdk/client-cloudformation';
import type { FunctionConfiguration } from '@aws-sdk/client-lambda';
import { NotAskedError } from './not-asked-error.ts';

/** What one check found of the stack, and others build on. */
export interface FoundParts {
  /** Whose account and which region is looked at, in words. */
  where: string;
  stack: Pick<Stack, 'StackStatus' | 'StackStatusReason' | 'DriftInformation'> | undefined;
  resources: readonly StackResourceSummary[] | undefined;
  /** The function that says what the sweeps use. */
  sweep: Pick<FunctionConfiguration, 'Environment' | 'LastModified' | 'LoggingConfig'> | undefined;
  /** The ARN of the queue of failed runs. */
  queue: string | undefined;
}

/** Throws NotAskedError where it was not found: the line of `where` says why. */
export function needed<T>(found: T | undefined, what: string, where: string): T {
  if (found !== undefined) return found;
  throw new NotAskedError(`${what} is not known, see the line "${where}"`, { code: 'unknown' });
}

/** The ids by which a service knows what the stack has of a type of CloudFormation, such as `AWS::Scheduler::Schedule`. */
export const partsOf = ({ resources }: FoundParts, type: string): readonly string[] =>
  needed(resources, 'what the stack is made of', 'stack').flatMap((one) =>
    one.ResourceType === type ? [one.PhysicalResourceId ?? ''] : [],
  );
