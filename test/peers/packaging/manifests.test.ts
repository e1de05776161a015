import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { CHECKED_COLLECTORS } from '../../../lib/collectors/checked-collectors.ts';
import { inspectConfig } from '../../../lib/config/check-config.ts';
import {
  checkJsonschema,
  describeWithPeers,
  kubernetesValidate,
  zizmor,
} from '../../support/peers/peer-requirements.ts';

const PACKAGING = resolve(import.meta.dirname, '../../../packaging');
const CONTAINER = join(PACKAGING, 'container');
const MANIFESTS = join(PACKAGING, 'kubernetes/vsweep.yaml');
const run = promisify(execFile);

const manifests = parseAllDocuments(readFileSync(MANIFESTS, 'utf8')).map((document) => document.toJS());
const ofKind = (kind: string) => manifests.find((one) => one.kind === kind);

describeWithPeers(['kubernetes-validate'], 'the manifests of Kubernetes', () => {
  it('have no fault by the schemas of Kubernetes, and no field that these do not know', async () => {
    const { stdout } = await run(kubernetesValidate, ['--strict', MANIFESTS]);
    expect(stdout.match(/passed/g)).toHaveLength(manifests.length);
  });
});

describe('the manifests of Kubernetes', () => {
  it('have a configuration that vsweep takes, listening where its probe and its service ask', () => {
    const { config, issues } = inspectConfig(
      parse(ofKind('ConfigMap').data['vsweep.yaml']),
      CHECKED_COLLECTORS,
    );
    expect(issues).toEqual([]);
    const [container] = ofKind('Deployment').spec.template.spec.containers;
    expect(config?.exporter?.listen).toEqual({ host: '0.0.0.0', port: container.ports[0].containerPort });
  });

  it('run one vsweep that may change nothing but its volumes', () => {
    const { replicas, strategy, template } = ofKind('Deployment').spec;
    expect({ replicas, strategy }).toEqual({ replicas: 1, strategy: { type: 'Recreate' } });
    expect(template.spec.containers[0].securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
  });
});

/** By a schema that comes with check-jsonschema. */
const bySchema = async (schema: string, ...files: string[]) =>
  (await run(checkJsonschema, ['--builtin-schema', `vendor.${schema}`, ...files])).stdout.trim();

describeWithPeers(['check-jsonschema', 'zizmor'], 'the workflows and the forms of GitHub', () => {
  const inGithub = (...names: string[]) => names.map((name) => join(PACKAGING, '../.github', name));

  it('have no fault by their schemas', async () => {
    const workflows = inGithub('workflows/ci.yaml', 'workflows/release.yaml');
    expect(await bySchema('github-workflows', ...workflows)).toBe('ok -- validation done');
    const names = ['fault', 'recording', 'wish'].map((name) => `ISSUE_TEMPLATE/${name}.yml`);
    expect(await bySchema('github-issue-forms', ...inGithub(...names))).toBe('ok -- validation done');
  });

  it('have no finding of zizmor: actions by their hash, least rights, no cache beside a release', async () => {
    const { stderr, stdout } = await run(zizmor, [
      '--offline',
      '--format',
      'plain',
      ...inGithub('workflows'),
    ]);
    expect(`${stdout}${stderr}`).toContain('No findings to report');
  });
});

describeWithPeers(['prometheus', 'check-jsonschema'], 'the compose file', () => {
  it('has no fault by its schema', async () => {
    expect(await bySchema('compose-spec', join(CONTAINER, 'compose.yaml'))).toBe('ok -- validation done');
  });

  it('mounts files and folders that are there, and Prometheus takes its configuration', async () => {
    const { services } = parse(readFileSync(join(CONTAINER, 'compose.yaml'), 'utf8'));
    const mounted = Object.values<{ volumes?: string[] }>(services)
      .flatMap(({ volumes = [] }) => volumes.map((volume) => volume.split(':')[0] ?? ''))
      .filter((source) => source.startsWith('.'));
    // The operator makes the folder of the configuration.
    expect(mounted.filter((source) => !existsSync(join(CONTAINER, source)))).toEqual(['./vsweep']);
    const { stdout } = await run('promtool', [
      'check',
      'config',
      '--syntax-only',
      join(CONTAINER, 'prometheus.yml'),
    ]);
    expect(stdout).toContain('SUCCESS');
  });
});
