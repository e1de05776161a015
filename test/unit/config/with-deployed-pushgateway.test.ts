import { expect, it } from 'vitest';
import { withDeployedPushgateway } from '../../../lib/config/with-deployed-pushgateway.ts';

const pushgateway = {
  deploy: true,
  image: '123456789012.dkr.ecr.eu-west-1.amazonaws.com/pushgateway:v1.11.0',
  prometheusCidrs: ['10.0.5.0/24'],
};

it('a section push that is written stays when a Pushgateway is deployed', () => {
  const raw = { aws: { pushgateway }, push: { url: 'https://other.example.org' } };
  expect(withDeployedPushgateway(raw)).toBe(raw);
});

it('a deployed Pushgateway is pushed to where no section push is written', () => {
  const raw = { aws: { pushgateway } };
  expect(withDeployedPushgateway(raw)).toEqual({ ...raw, push: { url: expect.stringContaining('http') } });
  const without = { aws: {} };
  expect(withDeployedPushgateway(without)).toBe(without);
});
