// What the server found, as it sends it (page-model.ts). Every text of a peer becomes a text node, never markup.

/** The last model; undefined before the first one. */
let model;

const byId = (id) => document.getElementById(id);
const RANK = { ok: 0, skipped: 1, failed: 2 };
const MOST_ROWS = 200;
const MOST_CHARACTERS = 500;

function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

// A host, seen over all sweeps and paths

const kindOf = (outcome) => outcome.split('(')[0];

function standingsOf(host) {
  return Object.entries(host.standings).flatMap(([sweep, paths]) =>
    Object.entries(paths).map(([path, standing]) => ({ sweep, path, ...standing })),
  );
}

/** The worst of its outcomes, of equals the oldest. */
function worstOf(host) {
  return standingsOf(host).reduce(
    (worst, one) => {
      const more = RANK[kindOf(one.outcome)] - RANK[kindOf(worst.outcome)];
      return more > 0 || (more === 0 && one.since < worst.since) ? one : worst;
    },
    { outcome: 'ok', since: Number.POSITIVE_INFINITY },
  );
}

const linkOf = (target, host, q = wanted().q) =>
  `#${new URLSearchParams({ ...(q === undefined ? {} : { q }), host: `${target}/${host.moref}` })}`;

// What is asked for stands in the address, so that it can be sent to somebody

function wanted() {
  const { q, host } = Object.fromEntries(new URLSearchParams(location.hash.slice(1, MOST_CHARACTERS)));
  return { ...(q ? { q } : {}), ...(host ? { host } : {}) };
}

function isWanted(query, ...texts) {
  return texts.some((text) => text.toLowerCase().includes(query));
}

// Texts

const time = new Intl.DateTimeFormat(undefined, { dateStyle: 'short', timeStyle: 'medium' });

function printSince({ since, orLonger }) {
  return Number.isFinite(since) ? `${time.format(since)}${orLonger ? ' or longer' : ''}` : '';
}

const printSeconds = (milliseconds) => `${(milliseconds / 1000).toFixed(1)} s`;

const outcomeElement = (outcome) => element('span', { class: `outcome ${kindOf(outcome)}` }, outcome);

/** Row headers are for who hears the table. */
const row = (first, ...others) =>
  element('tr', {}, element('th', { scope: 'row' }, first), ...others.map((cell) => element('td', {}, cell)));

// The parts of the page

function allHosts() {
  return model.targets.flatMap((target) =>
    target.clusters.flatMap((cluster) =>
      cluster.hosts.map((host) => ({
        target: target.name,
        cluster: cluster.name,
        host,
        worst: worstOf(host),
      })),
    ),
  );
}

function drawCounts(hosts) {
  const counts = { ok: 0, skipped: 0, failed: 0 };
  for (const { worst } of hosts) counts[kindOf(worst.outcome)] += 1;
  byId('counts').textContent =
    `${hosts.length} hosts: ${counts.ok} ok, ${counts.failed} failed, ${counts.skipped} skipped`;
  document.title = counts.failed > 0 ? `${counts.failed} failed – vsweep` : 'vsweep';
  byId('version').textContent = model.version;
}

/** Keeps the keyboard where it is: the cells are made anew with each run. */
function drawFleet(hosts) {
  const { q = '', host: chosen } = wanted();
  const old = oldTargets();
  const query = q.toLowerCase();
  const wantedQuery = wanted().q;
  const focused = document.activeElement?.getAttribute('data-host');
  const fleet = byId('fleet');
  const parts = [];
  let cells;
  let title;
  for (const { target, cluster, host, worst } of hosts) {
    const name = [target, siteOf(target), cluster].filter((part) => part !== '').join(' · ');
    if (name !== title) {
      title = name;
      cells = element('div', { class: 'cells', role: 'group', 'aria-label': name });
      const note = old.get(target);
      parts.push(element('h3', {}, note === undefined ? name : `${name} · ${note}`), cells);
    }
    const key = `${target}/${host.moref}`;
    const label = `${host.name}: ${worst.outcome}${worst.outcome === 'ok' ? '' : `, since ${printSince(worst)}`}`;
    const isAside = query !== '' && !isWanted(query, host.name, cluster, worst.outcome);
    const cell = element('a', {
      class: `cell ${kindOf(worst.outcome)}${isAside ? ' aside' : ''}${old.has(target) ? ' old' : ''}`,
      href: linkOf(target, host, wantedQuery),
      'data-host': key,
      'aria-label': label,
      title: label,
      tabindex: '-1',
      ...(key === chosen ? { 'aria-current': 'true' } : {}),
    });
    cells.append(cell);
  }
  fleet.replaceChildren(...parts);
  const all = [...fleet.querySelectorAll('.cell')];
  const first = all.find((cell) => cell.dataset.host === (focused ?? chosen)) ?? all[0];
  first?.setAttribute('tabindex', '0');
  if (focused !== undefined && focused !== null) first?.focus();
}

/** Targets over which the newest run of no sweep went, each with what to say of it. */
function oldTargets() {
  const old = new Map();
  for (const { target } of model.targets.map(({ name }) => ({ target: name }))) {
    const sweeps = model.sweeps.filter((one) => one.target === target);
    if (sweeps.length === 0 || sweeps.some(({ runs }) => runs.at(-1).status === 'swept')) continue;
    const swept = sweeps.flatMap(({ runs }) => runs.filter(({ status }) => status === 'swept'));
    const last = Math.max(...swept.map(({ startedAt }) => startedAt));
    const why = sweeps.map(({ runs }) => runs.at(-1).status).join(', ');
    old.set(
      target,
      Number.isFinite(last) ? `as it was at ${time.format(last)} (${why})` : `never swept (${why})`,
    );
  }
  return old;
}

const siteOf = (name) => model.targets.find((target) => target.name === name)?.site ?? '';

function drawReasons(hosts) {
  const query = (wanted().q ?? '').toLowerCase();
  const found = hosts
    .filter(({ host, cluster, worst }) =>
      query === '' ? worst.outcome !== 'ok' : isWanted(query, host.name, cluster, worst.outcome),
    )
    .toSorted((one, other) => RANK[kindOf(other.worst.outcome)] - RANK[kindOf(one.worst.outcome)]);
  const section = byId('reasons');
  section.hidden = found.length === 0 && query === '';
  byId('reasons-title').textContent =
    query === '' ? 'Hosts that are not ok' : `Hosts that match: ${found.length}`;
  section
    .querySelector('tbody')
    .replaceChildren(
      ...found
        .slice(0, MOST_ROWS)
        .map(({ target, cluster, host, worst }) =>
          row(
            outcomeElement(worst.outcome),
            element('a', { href: linkOf(target, host) }, host.name),
            cluster,
            target,
            printSince(worst),
          ),
        ),
    );
  const more = found.length - MOST_ROWS;
  section.querySelector('.more').textContent = more > 0 ? `and ${more} more; search to see them` : '';
}

function drawHost(hosts) {
  const { host: chosen } = wanted();
  const section = byId('host');
  const found = hosts.find(({ target, host }) => `${target}/${host.moref}` === chosen);
  section.hidden = found === undefined;
  if (found === undefined) return;
  const { host, cluster, target } = found;
  byId('host-title').textContent = [host.name, cluster, target].filter((part) => part !== '').join(' · ');
  byId('close').href = `#${new URLSearchParams(wanted().q === undefined ? {} : { q: wanted().q })}`;
  section
    .querySelector('tbody')
    .replaceChildren(
      ...standingsOf(host).map((one) =>
        row(one.sweep, one.path, outcomeElement(one.outcome), printSince(one)),
      ),
    );
  const details = new Set(Object.values(host.details).flat());
  section.querySelector('ul').replaceChildren(...[...details].map((text) => element('li', {}, text)));
}

function drawProblems() {
  const section = byId('problems');
  const ofProcess = model.process.flatMap(({ name, isStuck, broken }) => [
    ...(isStuck
      ? [`sweep ${name}: no run has ended for three intervals; restart the process and report its log`]
      : []),
    ...(broken > 0 ? [`sweep ${name}: ${broken} runs ended by an internal error; report the log`] : []),
  ]);
  const ofRuns = model.sweeps.flatMap(({ sweep, target, problems, warnings }) =>
    [...problems, ...warnings].map((text) => `sweep ${sweep} on ${target}: ${text}`),
  );
  const told = [...ofProcess, ...ofRuns];
  section.hidden = told.length === 0;
  section.querySelector('ul').replaceChildren(...[...new Set(told)].map((text) => element('li', {}, text)));
}

const kindOfRun = (run) => (run.status !== 'swept' ? 'skipped' : run.failed > 0 ? 'failed' : 'ok');
const printRun = ({ status, ok, failed, skipped }) =>
  status === 'swept' ? `${ok} ok, ${failed} failed, ${skipped} skipped` : status;

function drawRuns() {
  byId('runs')
    .querySelector('tbody')
    .replaceChildren(
      ...model.sweeps.map(({ sweep, target, runs }) => {
        const last = runs.at(-1);
        const line = element('div', { class: 'line', role: 'img', 'aria-label': `${runs.length} runs` });
        line.append(
          ...runs.map((run) =>
            element('span', {
              class: kindOfRun(run),
              title: `${time.format(run.startedAt)}: ${printRun(run)}`,
            }),
          ),
        );
        return row(
          sweep,
          target,
          line,
          time.format(last.startedAt),
          printSeconds(last.durationMs),
          printRun(last),
        );
      }),
    );
}

function drawAccounts() {
  const section = byId('accounts');
  section.hidden = model.accounts.length === 0;
  section
    .querySelector('tbody')
    .replaceChildren(
      ...model.accounts
        .slice(0, MOST_ROWS)
        .map(({ user, address, hosts, refusals, next, lift }) =>
          row(next, user, address, hosts.join(', '), String(refusals), element('code', {}, lift)),
        ),
    );
}

function drawSinks() {
  const section = byId('sinks');
  const delivered = model.sweeps.flatMap(({ sweep, target, deliveries }) =>
    deliveries.map(({ sink, outcome }) => row(sink, sweep, target, outcome)),
  );
  section.hidden = delivered.length === 0;
  section.querySelector('tbody').replaceChildren(...delivered);
  const groups = model.groups.map(({ job, instance }) => `${job}/${instance}`);
  byId('groups').textContent = groups.length === 0 ? '' : `Groups: ${groups.join(', ')}`;
}

function draw() {
  if (model === undefined) return;
  const began = performance.now();
  const hosts = allHosts();
  drawCounts(hosts);
  drawProblems();
  drawHost(hosts);
  drawFleet(hosts);
  drawReasons(hosts);
  drawRuns();
  drawAccounts();
  drawSinks();
  performance.measure('draw', { start: began, end: performance.now() });
}

// What the server says

let asking = false;
let askAgain = false;

/** One question at a time: what comes while one is under way is asked for once more after it. */
async function load() {
  if (asking) {
    askAgain = true;
    return;
  }
  asking = true;
  try {
    do {
      askAgain = false;
      const response = await fetch('page.json', { cache: 'no-store', signal: AbortSignal.timeout(30_000) });
      if (!response.ok) throw new Error(`vsweep answers ${response.status}`);
      model = await response.json();
      byId('connection').textContent = '';
      draw();
    } while (askAgain);
  } catch (error) {
    byId('connection').textContent = `not connected: ${error.message}; what stands here is old`;
  } finally {
    asking = false;
  }
}

/** The number of the last event: who comes again and missed nothing asks for nothing. */
let seen;
let events;

function listen() {
  events ??= new EventSource('events');
  events.onmessage = ({ data }) => {
    if (data === seen && model !== undefined) byId('connection').textContent = '';
    else void load();
    seen = data;
  };
  events.onerror = () => {
    byId('connection').textContent = 'not told of new runs; asking once a minute';
  };
}

/** A browser has six connections to a server, and a page that nobody sees needs none. */
function follow() {
  if (document.hidden) {
    events?.close();
    events = undefined;
  } else {
    listen();
    void load();
  }
}

document.addEventListener('visibilitychange', follow);
// Also where no event comes: a run that hangs ends nothing.
setInterval(() => document.hidden || void load(), 60_000);
follow();

// What the operator does

const search = byId('search');
search.value = wanted().q ?? '';
search.addEventListener('input', () => {
  const { q: _before, ...others } = wanted();
  const asked = search.value === '' ? others : { ...others, q: search.value };
  history.replaceState(null, '', `#${new URLSearchParams(asked)}`);
  draw();
});
search.form.addEventListener('submit', (event) => event.preventDefault());

addEventListener('hashchange', () => {
  search.value = wanted().q ?? '';
  draw();
  if (!byId('host').hidden) byId('host').focus();
});

/** One stop for Tab; the arrows go from host to host. */
byId('fleet').addEventListener('keydown', (event) => {
  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  if (step === undefined) return;
  const cells = [...byId('fleet').querySelectorAll('.cell')];
  const at = cells.indexOf(document.activeElement);
  const next = cells[at + step];
  if (at === -1 || next === undefined) return;
  event.preventDefault();
  cells[at].setAttribute('tabindex', '-1');
  next.setAttribute('tabindex', '0');
  next.focus();
});
