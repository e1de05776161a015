import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_MANAGED_POLICIES, planSecretRights } from '../../../lib/config/secret-rights.ts';

const name = fc.stringMatching(/^[a-z0-9/_.-]{1,60}$/);
const names = fc.oneof(
  fc.array(name, { maxLength: 600 }),
  fc.array(name, { minLength: 380, maxLength: 500 }).map((all) => all.map((one) => `vsweep/${one}`)),
);

describe('planSecretRights', () => {
  it('names each secret exactly once, or a beginning that each has, or says that there is none', () => {
    fc.assert(
      fc.property(names, (secrets) => {
        const plan = planSecretRights(secrets);
        const distinct = [...new Set(secrets)];
        if (plan.kind === 'exact') {
          expect(plan.statements.flat().toSorted()).toEqual(distinct.toSorted());
          expect(plan.statements.length).toBeLessThanOrEqual(1 + MAX_MANAGED_POLICIES);
          for (const one of plan.statements) expect(one.length).toBeLessThanOrEqual(35);
        } else if (plan.kind === 'prefix') {
          expect(plan.prefix.length).toBeGreaterThan(1);
          for (const secret of distinct) expect(secret.startsWith(plan.prefix)).toBe(true);
        }
        expect(plan.kind === 'exact' || distinct.length > 100).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  it('takes the beginning up to a separator, and none where secrets are ARNs', () => {
    const many = (prefix: string) => Array.from({ length: 400 }, (_, index) => `${prefix}${index}`);
    expect(planSecretRights(many('vsweep/vc'))).toEqual({ kind: 'prefix', prefix: 'vsweep/', count: 400 });
    expect(planSecretRights(many('vc'))).toEqual({ kind: 'none', count: 400 });
    expect(planSecretRights(many('arn:aws:secretsmanager:r:1:secret:vsweep/')).kind).toBe('none');
  });
});
