import { describe, expect, it } from 'vitest';
import { sayNone, sayNoTarget } from '../../../lib/config/unknown-names.ts';

const TARGETS = [
  { name: 'vc01.example.org', url: 'https://vc01.example.org/sdk', aliases: ['vcenter'] },
  { name: 'lab', url: 'https://10.0.0.5:8443/sdk' },
];

describe('what is said of a name that nothing has', () => {
  it('is what was likely meant, and what there is', () => {
    expect(sayNone('sweep', 'servcies', ['services', 'inventory'])).toBe(
      'there is no sweep "servcies"; did you mean "services"? Known sweeps: services, inventory',
    );
    expect(sayNone('sweep', 'nightly', ['services'])).toBe(
      'there is no sweep "nightly"; known sweeps: services',
    );
  });

  it('is at most twenty names of a large fleet', () => {
    const many = Array.from({ length: 300 }, (_, index) => `site-${index}`);
    expect(sayNone('target', 'nowhere', many)).toMatch(/: site-0, .* site-19 and 280 more$/);
  });

  it.each([
    ['https://10.0.0.5:8443', 'lab'],
    ['https://10.0.0.5:8443/sdk', 'lab'],
    ['10.0.0.5:8443', 'lab'],
    ['HTTPS://VC01.example.org', 'vc01.example.org'],
    ['https://vc01.example.org/ui/', 'vc01.example.org'],
  ])('of the url or address %s is the name of its target', (written, name) => {
    expect(sayNoTarget(written, TARGETS)).toBe(
      `there is no target "${written}"; the target with this url is called "${name}". Known targets: vc01.example.org, vcenter, lab`,
    );
  });

  it.each(['https://10.0.0.5', 'https://other.example.org/sdk', '', 'https://', '::'])(
    'of the text %j is no target, as it is of none',
    (written) => {
      expect(sayNoTarget(written, TARGETS)).not.toContain('with this url');
    },
  );

  it('counts the other names of a target', () => {
    expect(sayNoTarget('vcentre', TARGETS)).toContain('did you mean "vcenter"?');
  });
});
