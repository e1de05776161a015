import { afterAll, beforeAll, expect, it } from 'vitest';
import { DEPLOYMENT_VARIANTS } from '../../support/deployment-variants.ts';
import { type Moto, resourcesForMoto, startMoto } from '../../support/peers/moto.ts';
import { describeWithPeers } from '../../support/peers/peer-requirements.ts';
import { synthesiseTemplate } from '../../support/peers/synthesised-template.ts';

/** It makes these, and lists them without an id. */
const WITHOUT_ID = 'AWS::EC2::SecurityGroupIngress';

/** Its CloudFormation has no service discovery, by which a Pushgateway is found. */
function withoutPushgateway(config: Readonly<Record<string, unknown>>) {
  const { pushgateway: _left, ...aws } = config['aws'] as { readonly pushgateway?: object };
  return { ...config, aws };
}

describeWithPeers(['moto'], 'AWS as moto has it', () => {
  let moto: Moto;
  beforeAll(async () => {
    moto = await startMoto();
  });
  afterAll(() => moto?.[Symbol.asyncDispose]());

  it.each(Object.entries(DEPLOYMENT_VARIANTS))('makes, but for a Pushgateway, %s', async (_name, config) => {
    await using synthesised = await synthesiseTemplate(withoutPushgateway(config));
    const { status, resources, byService } = await moto.deploy(synthesised.template);
    expect(status).toBe('CREATE_COMPLETE');
    const wanted = Object.entries(resourcesForMoto(synthesised.template));
    // Each is made by CloudFormation or by its service, and then is as the template says.
    const left = wanted.filter(
      ([id, { Type }]) => Type !== WITHOUT_ID && resources[Type] === undefined && byService[id] === undefined,
    );
    expect(left.map(([, { Type }]) => Type)).toEqual([]);
    for (const [id, { wanted, told }] of Object.entries(byService)) expect(told, id).toMatchObject(wanted);
  });
});
