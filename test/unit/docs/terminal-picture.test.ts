import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { paint } from '../../../lib/cli/colour.ts';
import { printSummary } from '../../../lib/cli/print-summary.ts';
import { failed, ok, skipped } from '../../../lib/sweep/outcome.ts';
import { notSwept, type RunSummary } from '../../../lib/sweep/result/summary.ts';
import { toTerminalPicture } from '../../support/docs/terminal-picture.ts';

const FILE = join(import.meta.dirname, '../../../docs/terminal.svg');
const COLUMNS = 100;
const startedAt = Date.UTC(2026, 10, 29, 15, 10, 9);
const host = (number: number, ssh: Parameters<typeof failed>[0] | 'lockdown', detail: string) => ({
  moref: `host-${number}`,
  name: `esx${String(number).padStart(2, '0')}.example.org`,
  outcomes: { vcenter: ok, ssh: ssh === 'lockdown' ? skipped(ssh) : failed(ssh) },
  details: detail === '' ? [] : [`ssh: vsweep@10.0.0.${number}:22: ${detail}`],
});
const refused =
  'connection failed (ECONNREFUSED); check that the ssh service is started and that the firewall of the host allows this machine';
/** Two targets: one whose hosts have faults, and one that could not be listed. */
const SUMMARY: RunSummary = {
  runId: 'run',
  sweep: 'services',
  scheduledAt: startedAt,
  startedAt,
  endedAt: startedAt + 9_300,
  exitCode: 3,
  targets: [
    {
      ...notSwept('vc01.example.org', 'unlisted', []),
      status: 'swept',
      listing: 'fresh',
      samples: 1_236,
      deliveries: [{ sink: 'pushgateway', outcome: 'delivered' }],
      paths: {
        vcenter: { hosts: 60, ok: 60, failed: 0, skipped: 0, reasons: {} },
        ssh: { hosts: 60, ok: 31, failed: 28, skipped: 1, reasons: {} },
      },
      hosts: [
        ...Array.from({ length: 26 }, (_, index) => host(index + 1, 'connection-refused', refused)),
        host(
          30,
          'auth',
          "the host refused the keyboard-interactive login; check the user name, the password or key, and the account's shell access",
        ),
        host(
          37,
          'banner',
          "no ssh banner arrived in time; check that this is the address and port of the host's ssh service",
        ),
        host(42, 'lockdown', ''),
      ],
    },
    {
      ...notSwept('vc02.example.org', 'unlisted', [
        'vc02.example.org refused the login of sweeper: InvalidLogin. Check the user name and the password, and whether the account is locked',
      ]),
      listing: 'none',
    },
  ],
};

/** A terminal goes on in its next line. */
const onTerminal = (text: string): string =>
  text.replaceAll(new RegExp(`.{${COLUMNS}}(?=.)`, 'g'), (line) => `${line}\n`);

describe('docs/terminal.svg', () => {
  const shown = onTerminal(printSummary(SUMMARY, COLUMNS));
  const picture = toTerminalPicture(paint(shown), COLUMNS);

  it('is what a terminal shows of a run: UPDATE_PICTURES=1 writes it anew', () => {
    if (process.env['UPDATE_PICTURES']) writeFileSync(FILE, picture);
    expect(readFileSync(FILE, 'utf8')).toBe(picture);
  });

  it('holds every line of the text, its colours apart', () => {
    const text = picture
      .replaceAll(/<[^>]+>/g, '')
      .replaceAll('&amp;', '&')
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>');
    for (const line of shown.split('\n')) expect(text).toContain(line);
    expect(picture).toContain('<tspan fill="#ff7b72">failed(auth)</tspan>');
  });
});
