import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { type PeerProcess, startPeerProcess } from './peer-process.ts';
import { motoServer, peerPython } from './peer-requirements.ts';
import type { Resource, SynthesisedTemplate } from './synthesised-template.ts';

/** What test/peers/aws/deploy.py prints. */
export interface Deployed {
  readonly status: string;
  readonly resources: Readonly<Record<string, number>>;
  readonly table: string | null;
  /** The ARN of the secret that CloudFormation generated. */
  readonly integritySecret: string | null;
  readonly byService: Readonly<Record<string, MadeByService>>;
}
interface MadeByService {
  readonly type: string;
  /** The template's properties, with CloudFormation's own answers in the place of its references. */
  readonly wanted: Readonly<Record<string, unknown>>;
  readonly told: Readonly<Record<string, unknown>>;
}

export interface Moto extends AsyncDisposable {
  readonly url: string;
  /** Forgets everything, then deploys. Throws what deploy.py says. */
  deploy(template: SynthesisedTemplate['template']): Promise<Deployed>;
}

export async function startMoto(): Promise<Moto> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const moto: PeerProcess = startPeerProcess('moto', [motoServer, '-H', '127.0.0.1', '-p', String(port)]);
  const answers = () =>
    fetch(`${url}/moto-api/data.json`).then(
      ({ ok }) => ok,
      () => false,
    );
  await moto.until('it answers', answers, { timeoutMs: 60_000 });
  return {
    url,
    async deploy(template) {
      await fetch(`${url}/moto-api/reset`, { method: 'POST' });
      const script = join(import.meta.dirname, '../../peers/aws/deploy.py');
      const { stdout, stderr, status } = spawnSync(peerPython, [script, url], {
        input: JSON.stringify({ ...template, Resources: resourcesForMoto(template) }),
        encoding: 'utf8',
      });
      if (status !== 0) throw new Error(stderr);
      return JSON.parse(stdout);
    },
    [Symbol.asyncDispose]: () => moto[Symbol.asyncDispose](),
  };
}

/** moto does not know TableV2's type: a table with one replica is the older type with the replica's properties. */
export const resourcesForMoto = ({
  Resources,
}: SynthesisedTemplate['template']): Readonly<Record<string, Resource>> =>
  Object.fromEntries(
    Object.entries(Resources).map(([id, resource]) => [
      id,
      resource.Type === 'AWS::DynamoDB::GlobalTable' ? { ...resource, ...toTable(resource) } : resource,
    ]),
  );

function toTable({ Properties }: Resource): Resource {
  const { Replicas, ...common } = Properties;
  const [{ Region, ...replica }] = Replicas as [Record<string, unknown>];
  return { Type: 'AWS::DynamoDB::Table', Properties: { ...common, ...replica } };
}
