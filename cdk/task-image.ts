import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Stack } from 'aws-cdk-lib';
import { DockerImageAsset, Platform } from 'aws-cdk-lib/aws-ecr-assets';
import type { Construct } from 'constructs';
import { bundleFunction } from './bundle.ts';

/**
 * Node 24 for arm64 and amd64 with a C library, and nothing else: neither shell nor package manager. By its digest, so
 * that two deployments of one version have one image.
 */
const BASE =
  'gcr.io/distroless/nodejs24-debian13:nonroot@sha256:774b7d020b24214835769e24c3544835526cd0288f0b094eae48e8b2c2429a79';

/** Where the image has the bundle and `config.json`. */
export const TASK_ROOT = '/opt/vsweep';
/** A user of no name and without rights; that of the base image. */
export const TASK_USER = '65532:65532';

/**
 * Nothing runs while it is built, so that a machine of any architecture can build it. The base starts Node. The files
 * belong to the user of the task, because where they are made they may be for their owner alone; the root is read-only.
 * The health check finds `node` by the path, as the base has it elsewhere than others.
 */
const dockerfile = (base: string) => `FROM ${base}
COPY --chown=${TASK_USER} app ${TASK_ROOT}
WORKDIR ${TASK_ROOT}
ENV PATH=/nodejs/bin:/usr/local/bin:/usr/bin:/bin
USER ${TASK_USER}
STOPSIGNAL SIGTERM
CMD ["${TASK_ROOT}/index.js"]
`;

/** The image of the task, from a folder that is made here: CDK builds it when it deploys, and never when it synthesises. */
export function taskImage(
  scope: Construct,
  id: string,
  { config, base = BASE }: { readonly config: string; readonly base?: string | undefined },
): DockerImageAsset {
  const folder = mkdtempSync(join(tmpdir(), 'vsweep-image-'));
  try {
    const app = join(folder, 'app');
    mkdirSync(app);
    if (Stack.of(scope).bundlingRequired) bundleFunction('task', { outDir: app, config });
    writeFileSync(join(folder, 'Dockerfile'), dockerfile(base));
    // Copied into the cloud assembly at once.
    return new DockerImageAsset(scope, id, { directory: folder, platform: Platform.LINUX_ARM64 });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
