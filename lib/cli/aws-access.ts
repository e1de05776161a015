import { messageOf } from '../platform/errors.ts';

/** What each client of the AWS SDK finds out before its first request. */
interface AwsClient {
  readonly config: { region(): Promise<string>; credentials(): Promise<unknown> };
}

/** Rejects, with what `toError` makes of the reason, where requests could not be sent for want of a region or credentials. */
export async function requireAwsAccess(
  { config }: AwsClient,
  toError: (message: string, cause: unknown) => Error,
): Promise<void> {
  await Promise.all([config.region(), config.credentials()]).catch((error: unknown) => {
    throw toError(`${messageOf(error)}. Set AWS_REGION, and AWS_PROFILE or other AWS credentials`, error);
  });
}
