import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DEPLOYMENT_VARIANTS } from '../support/deployment-variants.ts';
import { EVERYTHING, EXAMPLE, synthesise, temporaryFolder, writeConfig } from './synthesise.ts';

/** What the stack had before its content became a construct. */
const KNOWN: Readonly<Record<string, readonly string[]>> = JSON.parse(
  readFileSync(join(import.meta.dirname, '../fixtures/cdk/logical-ids.json'), 'utf8'),
);
const folder = temporaryFolder();
const NEW_VPC = 'a new VPC with endpoints, and a Pushgateway';
const FILES: Readonly<Record<string, string>> = {
  'examples/vsweep.yaml': EXAMPLE,
  'examples/aws-vpc.yaml': EVERYTHING,
  [NEW_VPC]: writeConfig(folder, JSON.stringify(DEPLOYMENT_VARIANTS[NEW_VPC])),
};

describe('the logical ids of a stack', () => {
  // CloudFormation replaces what has another id: the state table, the queue, the security groups that firewalls know.
  it.each(Object.keys(KNOWN))('stay what they were, so that an update replaces nothing: %s', (name) => {
    const { Resources, Outputs } = synthesise(
      FILES[name] ?? '',
      join(folder, name.replaceAll(/\W+/g, '-')),
    ).toJSON();
    const ids = [...Object.keys(Resources), ...Object.keys(Outputs)];
    // What a later version adds is nobody's loss.
    expect(ids).toEqual(expect.arrayContaining([...(KNOWN[name] ?? [])]));
  });
});
