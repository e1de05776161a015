import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page as Tab } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Admission } from '../../../lib/page/admission.ts';
import { EMPTY_BOARD, withRun } from '../../../lib/page/board.ts';
import { createPage } from '../../../lib/page/page.ts';
import { NO_SURROUNDINGS, toPageModel } from '../../../lib/page/page-model.ts';
import { systemClock } from '../../../lib/platform/clock.ts';
import { failed, type Outcome, ok, skipped } from '../../../lib/sweep/outcome.ts';
import { notSwept, type RunSummary } from '../../../lib/sweep/result/summary.ts';
import { chromiumProgram, describeWithPeers } from '../../support/peers/peer-requirements.ts';

const MINUTE = 60_000;
const START = Date.parse('2026-11-29T03:00:00Z');

// What runs in the browser is text here, because this code has none of its types.
const DRAW_ONCE_MORE = `dispatchEvent(new Event('hashchange'));
new Promise((painted) => requestAnimationFrame(() => setTimeout(painted)))`;
const INJECT = `const script = document.createElement('script');
script.textContent = 'window.hit = 1';
document.body.append(script)`;
const HIDE = `Object.defineProperty(document, 'hidden', { value: true });
document.dispatchEvent(new Event('visibilitychange'))`;
const WIDTH_AND_PAPER =
  '({ width: document.documentElement.scrollWidth, paper: getComputedStyle(document.body).backgroundColor })';

const PICTURE = fileURLToPath(new URL('../../../docs/pictures/live-page.png', import.meta.url));

/** Of a PNG: its first chunk begins with width and height (https://www.w3.org/TR/png-3/#11IHDR). */
const sizeOf = (png: Buffer) => ({ width: png.readUInt32BE(16), height: png.readUInt32BE(20) });

interface Seen {
  readonly name: string;
  readonly ssh: Outcome;
  readonly detail?: string;
}

/** A run of one sweep over one vCenter. */
function run(startedAt: number, seen: readonly Seen[], problems: readonly string[] = []): RunSummary {
  const hosts = seen.map(({ name, ssh, detail }, index) => ({
    moref: `host-${index + 1}`,
    name,
    outcomes: { vcenter: ok, ssh },
    details: detail === undefined ? [] : [detail],
  }));
  const count = (kind: Outcome['kind']) => seen.filter(({ ssh }) => ssh.kind === kind).length;
  const paths = {
    ssh: {
      hosts: seen.length,
      ok: count('ok'),
      failed: count('failed'),
      skipped: count('skipped'),
      reasons: {},
    },
  };
  const target = {
    ...notSwept('vc01', 'lease', problems),
    status: 'swept',
    listing: 'fresh',
    hosts,
    paths,
  } as const;
  const deliveries = [{ sink: 'pushgateway', outcome: 'delivered' }] as const;
  return {
    runId: 'r',
    sweep: 'services',
    scheduledAt: startedAt,
    startedAt,
    endedAt: startedAt + 2_000,
    exitCode: 0,
    targets: [{ ...target, deliveries, durationMs: 2_000 }],
  };
}

const many = (count: number): Seen[] =>
  Array.from({ length: count }, (_, index) => ({
    name: `esx${index + 1}.example.org`,
    ssh: index % 100 === 7 ? failed('auth') : index % 50 === 3 ? skipped('lockdown') : ok,
  }));

/** The page, served as `vsweep run` does, with what it was told so far. */
async function servePage(admission: Admission = { of: 'loopback' }) {
  let board = EMPTY_BOARD;
  let isStuck = false;
  const accounts = [
    {
      user: 'root',
      address: '10.0.0.8',
      hosts: ['esx8.example.org'],
      refusals: 2,
      next: '2026-11-29T03:20:00.000Z',
      lift: 'run: vsweep blacklist lift root 10.0.0.8 --counter-was-reset',
    },
  ];
  const clusterOf = (moref: string) => `cluster${Math.ceil(Number(moref.slice('host-'.length)) / 32)}`;
  const page = createPage({
    admission,
    clock: systemClock,
    model: () => {
      const morefs = Object.keys(board.hosts['vc01'] ?? {});
      const clusters = new Map([['vc01', new Map(morefs.map((moref) => [moref, clusterOf(moref)]))]]);
      return toPageModel(
        board,
        { ...NO_SURROUNDINGS, clusters, accounts, groups: [{ job: 'services', instance: 'vc01' }] },
        {
          version: '0.1.0',
          sweeps: [{ name: 'services', everyMs: MINUTE, isStuck, broken: 0 }],
          targets: [{ name: 'vc01', site: 'Zurich' }],
        },
      );
    },
  });
  const server = createServer((request, response) => {
    if (page.answer(request.url ?? '', request, response)) return;
    response.writeHead(404).end();
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    port,
    take(summary: RunSummary) {
      board = withRun(board, summary);
      page.changed();
    },
    stick() {
      isStuck = true;
    },
    async [Symbol.asyncDispose]() {
      page[Symbol.dispose]();
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

describeWithPeers(['chromium'], 'the live page in Chromium', () => {
  let browser: Browser;
  beforeAll(async () => {
    // A sandbox of its own needs rights that a container does not give.
    browser = await chromium.launch({ executablePath: chromiumProgram(), args: ['--no-sandbox'] });
  });
  afterAll(async () => {
    await browser.close();
  });

  /** A tab that says what goes wrong in it. */
  async function openTab(url: string, options: Parameters<Browser['newPage']>[0] = {}) {
    const tab = await browser.newPage({ viewport: { width: 1280, height: 800 }, ...options });
    const faults: string[] = [];
    tab.on('pageerror', (error) => faults.push(error.message));
    tab.on('console', (message) => {
      if (message.type() === 'error') faults.push(message.text());
    });
    await tab.goto(url);
    return { tab, faults, [Symbol.asyncDispose]: () => tab.close() };
  }

  const untilText = async (tab: Tab, selector: string, text: string) =>
    await tab.locator(selector, { hasText: text }).first().waitFor();

  it('shows each host with its outcome, its cluster and since when, and what became of runs, sinks and accounts', async () => {
    await using page = await servePage();
    page.take(run(START, many(100)));
    page.take(run(START + MINUTE, many(100), ['the list is old; check vCenter']));
    await using opened = await openTab(page.url);
    const { tab } = opened;
    await untilText(tab, '#counts', '100 hosts: 97 ok, 1 failed, 2 skipped');
    expect(await tab.locator('.cell[data-host]').count()).toBe(100);
    expect(await tab.locator('h3').allInnerTexts()).toEqual(
      [1, 2, 3, 4].map((number) => `vc01 · Zurich · cluster${number}`),
    );
    const label = await tab.locator('.cell.failed[data-host]').getAttribute('aria-label');
    expect(label).toMatch(/^esx8\.example\.org: failed\(auth\), since .* or longer$/);
    expect(await tab.locator('#problems li').allInnerTexts()).toEqual([
      'sweep services on vc01: the list is old; check vCenter',
    ]);
    expect(await tab.locator('#runs .line span').count()).toBe(2);
    expect(await tab.locator('#sinks tbody tr').innerText()).toContain('pushgateway');
    expect(await tab.locator('#groups').innerText()).toBe('Groups: services/vc01');
    expect(await tab.locator('#accounts tbody tr').innerText()).toContain('blacklist lift root 10.0.0.8');
    expect(opened.faults).toEqual([]);
  });

  it('shows the next run without being asked, and since when a host is as it is', async () => {
    await using page = await servePage();
    page.take(run(START, [{ name: 'esx1', ssh: ok }]));
    await using opened = await openTab(page.url);
    await untilText(opened.tab, '#counts', '1 hosts: 1 ok');
    page.take(run(START + MINUTE, [{ name: 'esx1', ssh: failed('banner'), detail: 'ssh: no banner' }]));
    await untilText(opened.tab, '#counts', '1 failed');
    const label = await opened.tab.locator('.cell.failed[data-host]').getAttribute('aria-label');
    expect(label).not.toContain('or longer');
    await opened.tab.locator('.cell.failed[data-host]').click();
    await untilText(opened.tab, '#host ul li', 'ssh: no banner');
    expect(opened.faults).toEqual([]);
  });

  it('draws 1,000 hosts within 300 ms', async () => {
    await using page = await servePage();
    page.take(run(START, many(1_000)));
    await using opened = await openTab(page.url);
    await untilText(opened.tab, '#counts', '1000 hosts');
    // In processor time of its thread, layout and painting included, so that a busy machine changes nothing.
    const inspector = await opened.tab.context().newCDPSession(opened.tab);
    await inspector.send('Performance.enable', { timeDomain: 'threadTicks' });
    const taskSeconds = async () => {
      const { metrics } = await inspector.send('Performance.getMetrics');
      return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN;
    };
    const taken: number[] = [];
    for (let round = 0; round < 5; round += 1) {
      const before = await taskSeconds();
      await opened.tab.evaluate(DRAW_ONCE_MORE);
      taken.push((await taskSeconds()) - before);
    }
    expect(Math.min(...taken)).toBeGreaterThan(0.001);
    expect(Math.min(...taken)).toBeLessThan(0.3);
  });

  it('is found again by its address: a search and a host', async () => {
    await using page = await servePage();
    page.take(run(START, many(100)));
    await using opened = await openTab(`${page.url}#q=lockdown&host=vc01%2Fhost-8`);
    const { tab } = opened;
    await untilText(tab, '#host-title', 'esx8.example.org · cluster1 · vc01');
    expect(await tab.locator('#search').inputValue()).toBe('lockdown');
    expect(await tab.locator('#reasons tbody tr').count()).toBe(2);
    expect(await tab.locator('.cell.aside').count()).toBe(98);
    await tab.locator('#search').fill('esx99');
    expect(await tab.locator('#reasons tbody tr').count()).toBe(1);
    expect(new URL(tab.url()).hash).toBe('#host=vc01%2Fhost-8&q=esx99');
  });

  it('takes names of vCenter as text, whatever is in them', async () => {
    await using page = await servePage();
    const name = '<img src=x onerror="window.hit=1"><script>window.hit=1</script>';
    page.take(run(START, [{ name, ssh: failed('auth'), detail: name }], [name]));
    await using opened = await openTab(page.url);
    const { tab } = opened;
    await untilText(tab, '#problems li', '<script>');
    await tab.locator('.cell.failed[data-host]').click();
    expect(await tab.locator('#host-title').innerText()).toContain(name);
    expect(await tab.evaluate("'hit' in window")).toBe(false);
    expect(await tab.locator('main img, main script').count()).toBe(0);
    expect(opened.faults).toEqual([]);
  });

  it('runs no script but its own: the policy forbids what an injection would need', async () => {
    await using page = await servePage();
    page.take(run(START, many(2)));
    await using opened = await openTab(page.url);
    await untilText(opened.tab, '#counts', '2 hosts');
    await opened.tab.evaluate(INJECT);
    expect(await opened.tab.evaluate("'hit' in window")).toBe(false);
    expect(opened.faults.join()).toContain('Content Security Policy');
  });

  it('is used by keyboard alone: one stop for the fleet, arrows from host to host, Enter opens one', async () => {
    await using page = await servePage();
    page.take(run(START, many(40)));
    await using opened = await openTab(page.url);
    const { tab } = opened;
    await untilText(tab, '#counts', '40 hosts');
    await tab.locator('#search').focus();
    const focused = () => tab.evaluate('document.activeElement?.getAttribute("data-host")');
    for (let stops = 0; stops < 10 && (await focused()) === null; stops += 1) await tab.keyboard.press('Tab');
    expect(await focused()).toBe('vc01/host-1');
    await tab.keyboard.press('ArrowRight');
    await tab.keyboard.press('ArrowDown');
    expect(await focused()).toBe('vc01/host-3');
    // The next run makes the cells anew, and the keyboard stays where it is.
    page.take(run(START + MINUTE, [...many(39), { name: 'esx40.example.org', ssh: failed('dns') }]));
    await untilText(tab, '#counts', '2 failed');
    expect(await focused()).toBe('vc01/host-3');
    await tab.keyboard.press('Enter');
    await untilText(tab, '#host-title', 'esx3.example.org');
    expect(await tab.evaluate('document.activeElement?.id')).toBe('host');
  });

  it('has a name for each thing that a screen reader stops at', async () => {
    await using page = await servePage();
    page.take(run(START, many(10)));
    await using opened = await openTab(page.url);
    await untilText(opened.tab, '#counts', '10 hosts');
    const tree = await opened.tab.locator('body').ariaSnapshot();
    expect(tree).toContain('searchbox "Search"');
    expect(tree).toContain('group "vc01 · Zurich · cluster1"');
    expect(tree).toMatch(/link "esx8\.example\.org: failed\(auth\), since/);
    expect(tree).not.toMatch(/- (?:link|button|searchbox)(?: \[.*\])?:?\n/);
  });

  it('fits a telephone, in the dark, too', async () => {
    await using page = await servePage();
    page.take(run(START, many(100)));
    const telephone = { viewport: { width: 360, height: 700 }, colorScheme: 'dark' } as const;
    await using opened = await openTab(page.url, telephone);
    await untilText(opened.tab, '#counts', '100 hosts');
    const found = await opened.tab.evaluate(WIDTH_AND_PAPER);
    expect(found).toEqual({ width: 360, paper: 'rgb(22, 24, 29)' });
  });

  it('needs the token where it listens for other machines, which a browser asks for once', async () => {
    await using page = await servePage({ of: 'token', token: 'correct-horse' });
    page.take(run(START, many(5)));
    const refused = await fetch(page.url);
    expect({ status: refused.status, asks: refused.headers.get('www-authenticate') }).toEqual({
      status: 401,
      asks: 'Basic realm="vsweep", charset="UTF-8"',
    });
    const httpCredentials = { username: 'operator', password: 'correct-horse' };
    await using opened = await openTab(page.url, { httpCredentials });
    await untilText(opened.tab, '#counts', '5 hosts');
    page.take(run(START + MINUTE, many(6)));
    await untilText(opened.tab, '#counts', '6 hosts');
  });

  it('shows no mark that turns the direction of a name, nor any other character that is not seen', async () => {
    await using page = await servePage();
    page.take(run(START, [{ name: 'esx1\u202ebak\u0007', ssh: ok }]));
    await using opened = await openTab(page.url);
    await untilText(opened.tab, '#counts', '1 hosts');
    expect(await opened.tab.locator('.cell[data-host]').getAttribute('aria-label')).toBe('esx1 bak : ok');
  });

  it('says of a target over which runs do not go any more how old its hosts are', async () => {
    await using page = await servePage();
    page.take(run(START, many(3)));
    const later = run(START + MINUTE, []);
    page.take({
      ...later,
      targets: later.targets.map((target) => ({ ...target, status: 'lease' as const })),
    });
    await using opened = await openTab(page.url);
    await untilText(opened.tab, 'h3', '(lease)');
    expect(await opened.tab.locator('.cell.old').count()).toBe(3);
  });

  it('says that a sweep is stuck, of which no run ends to tell it', async () => {
    await using page = await servePage();
    page.stick();
    await using opened = await openTab(page.url);
    await untilText(opened.tab, '#problems li', 'no run has ended for three intervals');
  });

  it('goes on in seven tabs of one browser, of which six are not looked at', async () => {
    await using page = await servePage();
    page.take(run(START, many(2)));
    const context = await browser.newContext();
    try {
      const tabs: Tab[] = [];
      for (let count = 0; count < 7; count += 1) {
        const tab = await context.newPage();
        tabs.push(tab);
        await tab.goto(page.url);
        await untilText(tab, '#counts', '2 hosts');
        // Headless tabs are all in front.
        if (count < 6) await tab.evaluate(HIDE);
      }
      page.take(run(START + MINUTE, many(3)));
      await untilText(tabs[6] as Tab, '#counts', '3 hosts');
    } finally {
      await context.close();
    }
  });

  it('looks as in the docs: PICTURES=1 makes that picture anew', async () => {
    await using page = await servePage();
    for (const minute of Array.from({ length: 30 }, (_, index) => index))
      page.take(run(START + minute * MINUTE, many(minute % 11 === 4 ? 150 : 200)));
    const viewport = { width: 1100, height: 640 };
    await using opened = await openTab(page.url, { viewport, locale: 'en-GB', timezoneId: 'UTC' });
    await untilText(opened.tab, '#counts', '200 hosts: 194 ok, 2 failed, 4 skipped');
    const picture = await opened.tab.screenshot();
    if (process.env['PICTURES'] === '1') await writeFile(PICTURE, picture);
    // Fonts differ from machine to machine, so that only the size can be the same.
    expect(sizeOf(await readFile(PICTURE))).toEqual(sizeOf(picture));
    expect(sizeOf(picture)).toEqual(viewport);
  });
});
