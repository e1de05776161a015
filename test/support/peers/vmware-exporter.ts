import { resolve } from 'node:path';
import { answersOk } from './answers-ok.ts';
import { freePort } from './free-port.ts';
import { startPeerProcess } from './peer-process.ts';
import { vmwareExporterPython } from './peer-requirements.ts';
import type { Vcsim } from './vcsim.ts';

const LAUNCHER = resolve(import.meta.dirname, '../../peers/python/vmware_exporter_at.py');

/** vmware_exporter itself, of one vCenter. */
interface VmwareExporter extends AsyncDisposable {
  readonly pid: number;
  /** What it answers a scrape with; it logs in and collects for each. */
  scrape(): Promise<string>;
}

export async function startVmwareExporter(
  vcsim: Vcsim,
  { scrapeMs = 60_000 }: { readonly scrapeMs?: number } = {},
): Promise<VmwareExporter> {
  await using resources = new AsyncDisposableStack();
  const port = await freePort();
  const child = resources.use(
    startPeerProcess('vmware_exporter', [
      'env',
      ...variablesOf(vcsim),
      vmwareExporterPython,
      LAUNCHER,
      String(vcsim.port),
      '-a',
      '127.0.0.1',
      '-p',
      String(port),
    ]),
  );
  const url = `http://127.0.0.1:${port}`;
  await child.until('answers', () => answersOk(`${url}/healthz`), { timeoutMs: 60_000 });
  const release = resources.move();
  return {
    pid: child.pid,
    scrape: async () => {
      const response = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(scrapeMs) });
      const text = await response.text();
      if (!response.ok) throw new Error(`vmware_exporter: ${response.status} ${text}\n${child.log()}`);
      return text;
    },
    [Symbol.asyncDispose]: () => release.disposeAsync(),
  };
}

const variablesOf = ({ user, password }: Vcsim): string[] => [
  'VSPHERE_HOST=127.0.0.1',
  `VSPHERE_USER=${user}`,
  `VSPHERE_PASSWORD=${password}`,
  'VSPHERE_IGNORE_SSL=true',
  'VSPHERE_FETCH_ALARMS=true',
];
