import { red, type Verdict } from '../verdict.ts';

/** Nothing where the region is that of an ARN in the configuration, `named`, or where it has none. */
export function judgeRegion(
  named: { readonly path: string; readonly region: string } | undefined,
  { region }: { readonly region: string },
): Verdict | undefined {
  if (named === undefined || named.region === region) return undefined;
  return red(
    `the region here is ${region}, but ${named.path} is in ${named.region}, where the stack has to be`,
    `export AWS_REGION=${named.region}`,
  );
}
