import * as z from 'zod';
import { text, url } from './schema-parts.ts';

/** The section `remoteWrite` of `vsweep.yaml`: a destination by its url, or a workspace of Amazon Managed Service for Prometheus. */

const ARN = /^arn:(aws[a-z-]*):aps:([a-z0-9-]+):\d{12}:workspace\/(ws-[0-9a-f-]{1,64})$/;
const ARN_FORM =
  'write the ARN of a workspace, such as arn:aws:aps:eu-central-1:111122223333:workspace/ws-0a1b2c3d-…';
const LABEL_FORM = 'write a map of names of letters, digits and "_" to texts, such as { cluster: lab }';
const MAX_LABELS = 32;

export const remoteWriteShape = {
  url: url(/^https?$/, 'an http or https', 'https://mimir.example.org/api/v1/push').optional(),
  workspaceArn: z.string(ARN_FORM).regex(ARN, ARN_FORM).optional(),
  externalLabels: z
    .record(
      z.string().regex(/^(?!__)[A-Za-z_][A-Za-z0-9_]{0,127}$/, LABEL_FORM),
      text(1_024, 'a text'),
      LABEL_FORM,
    )
    .refine(
      (labels) => !('job' in labels || 'instance' in labels),
      'job and instance are the sweep and the target; choose other names',
    )
    .refine((labels) => Object.keys(labels).length <= MAX_LABELS, `name at most ${MAX_LABELS} labels`)
    .default({}),
};

interface Written {
  readonly url?: string | undefined;
  readonly workspaceArn?: string | undefined;
  readonly credentials?: unknown;
  readonly token?: unknown;
}

/** Where requests go and, for a workspace, the region for which they are signed; exactly one way to prove who sends. */
export function destinationOf<Section extends Written>(
  section: Section,
  context: { addIssue(issue: { code: 'custom'; message: string; path?: string[] }): void },
): Section & { readonly url: string; readonly region: string | undefined } {
  const { url: written, workspaceArn, credentials, token } = section;
  const ways = Object.entries({ workspaceArn, credentials, token }).filter(([, way]) => way !== undefined);
  if (ways.length > 1) {
    const [first, second] = ways.map(([name]) => name);
    context.addIssue({
      code: 'custom',
      message: `${first} and ${second} exclude each other; keep one of them`,
    });
    return z.NEVER;
  }
  const workspace = ARN.exec(workspaceArn ?? '');
  if (workspace === null && written === undefined) {
    context.addIssue({
      code: 'custom',
      message: 'write a url, or workspaceArn for Amazon Managed Prometheus',
    });
    return z.NEVER;
  }
  const [, partition, region, id] = workspace ?? [];
  const domain = partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com';
  const own = `https://aps-workspaces.${region}.${domain}/workspaces/${id}/api/v1/remote_write`;
  return { ...section, url: written ?? own, region };
}
