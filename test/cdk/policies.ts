import type { Template } from 'aws-cdk-lib/assertions';
import { resourcesOf } from './synthesise.ts';

export interface Statement {
  readonly effect: string;
  readonly actions: readonly string[];
  /** A resource's logical id, or the text of its ARN with `Ref`s by name. */
  readonly resources: readonly string[];
  readonly condition: unknown;
}

/** What the role whose logical id begins so may do. */
export function statementsOf(template: Template, role: string): Statement[] {
  return Object.entries(resourcesOf(template, 'AWS::IAM::Policy'))
    .filter(([id]) => id.startsWith(role))
    .flatMap(([, { PolicyDocument }]) => (PolicyDocument as { Statement: RawStatement[] }).Statement)
    .map((raw) => ({
      effect: raw.Effect,
      actions: [raw.Action].flat(),
      resources: [raw.Resource].flat().map(printArn),
      condition: raw.Condition,
    }));
}

interface RawStatement {
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

function printArn(value: unknown): string {
  if (typeof value === 'string') return value;
  const intrinsic = value as {
    Ref?: string;
    'Fn::GetAtt'?: [string, string];
    'Fn::Join'?: [string, unknown[]];
  };
  if (intrinsic.Ref !== undefined) return `<${intrinsic.Ref}>`;
  if (intrinsic['Fn::GetAtt'] !== undefined) return intrinsic['Fn::GetAtt'][0];
  const [separator, parts] = intrinsic['Fn::Join'] ?? ['', []];
  return parts.map(printArn).join(separator);
}
