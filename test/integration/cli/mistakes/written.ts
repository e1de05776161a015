/** What people write into files, and what vsweep says of it. */

export const GOOD_CONFIG = `targets:
  - name: vc01.example.org
    site: qa
    credentials: { file: credentials/vc01.yaml }
    tls: { sha256: ["0B:30:55:7A:9F:C4:E9:0E:33:58:7D:A2:C7:EC:11:36:5B:80:A5:CA:EF:14:39:5E:83:A8:CD:F2:17:3C:61:86"] }
esxi:
  credentials: { file: credentials/esxi.yaml }
  hostKeys: { unknown: refuse }
  services: [hostd, vpxa]
sweeps:
  - { name: services, every: 1m, collectors: [overall-status, host-services, ssh-services] }
push: { url: https://pushgateway.example.org }
`;
export const GOOD_CREDENTIAL = "username: u\npassword: 's3cret'\n";

interface WrittenMistake {
  readonly mistake: string;
  readonly spoil: (text: string) => string | Buffer;
  readonly says: RegExp;
  /** It is allowed, and warned of. */
  readonly isWarning?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

const put = (written: string | RegExp, instead: string) => (text: string) =>
  text.replace(written, () => instead);
const add = (section: string) => (text: string) => `${text}${section}\n`;
const url = (written: string) => put('    site: qa', `    url: ${written}`);
const tls = (written: string) => put(/tls: .*/, `tls: ${written}`);

const OF_YAML: readonly WrittenMistake[] = [
  {
    mistake: 'a tab',
    spoil: put('    site', '\tsite'),
    says: /line 3, column 1: .*a tab is used .*; use spaces/,
  },
  {
    mistake: 'a line indented too little',
    spoil: put('    site', '   site'),
    says: /line 3.*not indented as those/,
  },
  {
    mistake: 'a list item whose keys stand below its dash',
    spoil: put('    site', '  site'),
    says: /line 3.*the indentation does not fit the lines above/,
  },
  {
    mistake: 'no dash',
    spoil: put('  - name', '  name'),
    says: /line 2.*the lines below are indented further/,
  },
  {
    mistake: 'no space after a colon',
    spoil: put('site: qa', 'site:qa'),
    says: /the space after it may be missing/,
  },
  { mistake: 'an open quote', spoil: put('86"]', '86]'), says: /a closing quote or bracket/ },
  {
    mistake: 'an open brace',
    spoil: put('vc01.yaml }', 'vc01.yaml'),
    says: /line 5.*indentation does not fit/,
  },
  { mistake: 'a key twice', spoil: add('sweeps: []'), says: /line 13.*remove one of the two/ },
  {
    mistake: 'a second document',
    spoil: (text) => `${text}---\n${text}`,
    says: /line 13.*second document after "---"/,
  },
  {
    mistake: 'typographic quotes',
    spoil: put(/"(0B[^"]*)"/, '“0B:30”'),
    says: /line 5.*the line has a typographic quote; type ' or " in its place/,
  },
  {
    mistake: 'a space of a web page',
    spoil: put('    site', '\u00a0   site'),
    says: /line 3.*is not a space in YAML; delete it and type a space/,
  },
  {
    mistake: 'a dash of a text processor',
    spoil: put('  - name', '  – name'),
    says: /line 2.*typographic dash/,
  },
  {
    mistake: 'a fault in the first line behind a byte order mark',
    spoil: (text) => `\ufeff${text.replace('targets:', 'target:')}`,
    says: /line 1, column 1: target: .*did you mean "targets"\?(?!.*(?:space|quote|dash))/,
  },
  {
    mistake: 'a fault beside a comment with a dash',
    spoil: put(/every: 1m(.*)/, 'every: 5, collectors: [overall-status] } # five – minutes'),
    says: /write a duration such as 1m\n/,
  },
  {
    mistake: 'UTF-16',
    spoil: (text) => Buffer.from(`\ufeff${text}`, 'utf16le'),
    says: /probably UTF-16; save it as UTF-8/,
  },
  {
    mistake: 'Latin-1',
    spoil: (text) => Buffer.from(text.replace('qa', 'Köln'), 'latin1'),
    says: /line 3, column 12: a character is not UTF-8/,
  },
  {
    mistake: 'an empty file',
    spoil: () => '',
    says: /is empty; it needs at least the sections targets and sweeps/,
  },
];

const OF_KEYS: readonly WrittenMistake[] = [
  {
    mistake: 'target in place of targets',
    spoil: put('targets:', 'target:'),
    says: /did you mean "targets"\?/,
  },
  {
    mistake: 'a key in other letters',
    spoil: put('hostKeys', 'hostkeys'),
    says: /did you mean "hostKeys"\?/,
  },
  {
    mistake: 'a misspelt key below others',
    spoil: put('    tls:', '    tsl:'),
    says: /line 5, column 5: targets\[0\]: "tsl" is unknown; did you mean "tls"\?/,
  },
  {
    mistake: 'another word for a key',
    spoil: put('every', 'interval'),
    says: /known keys: name, every, collectors/,
  },
  {
    mistake: 'every: 5',
    spoil: put('1m', '5'),
    says: /line 11, column 23: sweeps\[0\]\.every: write a duration such as 1m/,
  },
  {
    mistake: 'every: 5min',
    spoil: put('1m', '5min'),
    says: /"5min" is not a duration of 10s to 24h, such as 1m/,
  },
  {
    mistake: 'a schedule of cron',
    spoil: put('1m', '"*/5 * * * *"'),
    says: /is not a duration of 10s to 24h/,
  },
  {
    mistake: 'one collector without brackets',
    spoil: put(/\[overall.*\]/, 'hosts'),
    says: /write a list of collectors, such as/,
  },
  {
    mistake: 'a misspelt collector',
    spoil: put('ssh-services]', 'ssh_services]'),
    says: /did you mean "ssh-services"\?/,
  },
  {
    mistake: 'a map of sweeps',
    spoil: put('  - { name: services, ', '  services: { '),
    says: /such as - \{ name: status/,
  },
  {
    mistake: 'a number as a site',
    spoil: put('site: qa', 'site: 0815'),
    says: /put a number, true or false in quotes/,
  },
  {
    mistake: 'one service without brackets',
    spoil: put('[hostd, vpxa]', 'hostd'),
    says: /write a list such as \[hostd, vpxa\]/,
  },
  {
    mistake: 'a misspelt service',
    spoil: put('[hostd, vpxa]', '[hosdt, vpxa]'),
    says: /esxi\.services\[0\]: ESXi has no service hosdt .* Did you mean hostd\?/,
    isWarning: true,
  },
  {
    mistake: 'a service with its folder',
    spoil: put('[hostd, vpxa]', '[/etc/init.d/hostd]'),
    says: /script in \/etc\/init\.d without its folder, such as hostd/,
  },
  {
    mistake: 'two targets of one name',
    spoil: put('esxi:', '  - { name: vc01.example.org, credentials: { env: A } }\nesxi:'),
    says: /is used twice; give each its own name/,
  },
  {
    mistake: 'ssh without its section',
    spoil: put(/esxi:[\s\S]*vpxa\]\n/, ''),
    says: /no section "esxi"; add one with credentials/,
  },
  {
    mistake: 'a sweep of a target by its url',
    spoil: put('collectors: [', 'targets: ["vc1.example.org"], collectors: ['),
    says: /did you mean "vc01\.example\.org"\?/,
  },
  {
    mistake: 'a variable of a shell',
    spoil: put('site: qa', 'site: $SITE'),
    says: /line 3.*targets\[0\]\.site: looks like a variable, and vsweep does not expand/,
    isWarning: true,
  },
];

const OF_ADDRESSES: readonly WrittenMistake[] = [
  {
    mistake: 'a url as a name',
    spoil: put('name: vc01', 'name: https://vc01'),
    says: /an address like this goes into "url"/,
  },
  {
    mistake: 'an IPv6 address as a name',
    spoil: put('vc01.example.org', 'fd00::1'),
    says: /goes into "url"/,
  },
  {
    mistake: 'http',
    spoil: url('http://vc01.example.org'),
    says: /targets\[0\]\.url: it is http; write an https URL/,
  },
  {
    mistake: 'an address without https://',
    spoil: url('vc01.example.org:8443'),
    says: /it does not begin with https:\/\//,
  },
  {
    mistake: 'an IPv6 address without brackets',
    spoil: url('https://fd00::1/sdk'),
    says: /in brackets: https:\/\/\[fd00::1\]/,
  },
  {
    mistake: 'a password in a url',
    spoil: url('https://u:s3cret@vc01'),
    says: /its user and password go into the credentials/,
  },
  {
    mistake: "the page of vCenter's client",
    spoil: url('https://vc01.example.org/ui/'),
    says: /ends in \/ui\/, and vCenter and ESXi answer at \/sdk\. Write https:\/\/vc01\.example\.org\/sdk/,
    isWarning: true,
  },
  {
    mistake: 'two targets with one url',
    spoil: put(
      'esxi:',
      '  - { name: b, url: "https://vc01.example.org/sdk", credentials: { file: credentials/vc01.yaml } }\nesxi:',
    ),
    says: /all its objects are counted twice\. .*write aliases: \[b\] at "vc01\.example\.org"/,
    isWarning: true,
  },
  {
    mistake: 'a Pushgateway with its path',
    spoil: put('org }', 'org/metrics/job/x }'),
    says: /leave out \/metrics\/job\/x: vsweep adds the path/,
  },
  {
    mistake: 'a Pushgateway without a map',
    spoil: put(/push: .*/, 'push: https://gw'),
    says: /write a map such as push: \{ url:/,
  },
  {
    mistake: 'a NetBox with its API',
    spoil: add('netbox: { url: https://netbox/api/, token: { env: A }, filter: { site: x } }'),
    says: /netbox\.url: leave out \/api\/: vsweep adds the path/,
  },
  {
    mistake: 'a NetBox by the address of a page',
    spoil: add('netbox: { url: https://netbox/dcim/devices/, token: { env: A }, filter: { site: x } }'),
    says: /leave out \/dcim\/devices\//,
  },
  {
    mistake: 'a port alone to listen at',
    spoil: add('exporter: { listen: ":9666" }'),
    says: /such as 127\.0\.0\.1:9666/,
  },
  {
    mistake: 'everybody may read the exporter',
    spoil: add('exporter: { listen: "0.0.0.0:9666" }'),
    says: /no password and no TLS/,
    isWarning: true,
  },
  {
    mistake: 'a proxy in the environment',
    spoil: add(''),
    env: { HTTPS_PROXY: 'http://proxy:3128' },
    says: /ignored: HTTPS_PROXY; vsweep connects to all addresses without a proxy/,
    isWarning: true,
  },
];

const OF_SECRETS: readonly WrittenMistake[] = [
  {
    mistake: 'a password in vsweep.yaml',
    spoil: put('{ file: credentials/vc01.yaml }', '{ username: u, password: s3cret }'),
    says: /write the user and password into that file, variable or secret, not here/,
  },
  {
    mistake: 'a path without its key',
    spoil: put('{ file: credentials/vc01.yaml }', 'credentials/vc01.yaml'),
    says: /and \{ file: <path> \}; write the user/,
  },
  {
    mistake: 'a dollar before a variable',
    spoil: put('{ file: credentials/vc01.yaml }', '{ env: $VC01 }'),
    says: /write a prefix of letters, digits/,
  },
  {
    mistake: 'a path of Windows',
    spoil: put('credentials/vc01.yaml', 'C:\\vsweep\\vc01.yaml'),
    says: /is a path of Windows; write one with "\/"/,
  },
  {
    mistake: 'a path of Windows with slashes',
    spoil: put('credentials/vc01.yaml', 'C:/vsweep/vc01.yaml'),
    says: /is a path of Windows; write one with "\/"/,
  },
  {
    mistake: 'a variable as a folder',
    spoil: put('credentials/vc01.yaml', '$HOME/vc01.yaml'),
    says: /write the path in full: vsweep does not expand variables/,
  },
  {
    mistake: 'a typographic quote around a path, told before the command',
    spoil: put('credentials/vc01.yaml', '“vc01.yaml”'),
    says: /: the line has a typographic quote; .* in its place\. The credential .* && "\$\{EDITOR:-vi\}" \S+\n/,
    isWarning: true,
  },
  {
    mistake: 'a home folder',
    spoil: put('credentials/vc01.yaml', '~/vc01.yaml'),
    says: /write the path in full: "~" is no home folder here/,
  },
  {
    mistake: 'a file that is missing',
    spoil: put('credentials/vc01.yaml', 'credentials/vc1.yaml'),
    says: /Run: install -D -m 600 \/dev\/null credentials\/vc1\.yaml && /,
    isWarning: true,
  },
  {
    mistake: 'a variable that is not set',
    spoil: put('{ file: credentials/vc01.yaml }', '{ env: NOBODY }'),
    says: /set NOBODY_USER and NOBODY_PASSWORD/,
    isWarning: true,
  },
  {
    mistake: 'a token with its scheme',
    spoil: add(
      'netbox: { url: https://netbox, token: { file: credentials/netbox.token }, filter: { site: x } }',
    ),
    says: /has the word "Token" before the token; leave it out/,
    isWarning: true,
  },
  {
    mistake: 'the fingerprint of the README',
    spoil: tls(`{ sha256: "${Array(4).fill('AB:CD:EF:01:23:45:67:89').join(':')}" }`),
    says: /is the placeholder of the README; read the fingerprint of your server: openssl s_client/,
  },
  {
    mistake: 'a fingerprint of SHA-1',
    spoil: tls('{ sha256: "0B:30:55:7A:9F:C4:E9:0E:33:58:7D:A2:C7:EC:11:36:5B:80:A5:CA" }'),
    says: /the whole line that openssl x509 -noout -fingerprint -sha256 prints/,
  },
  { mistake: 'tls: false', spoil: tls('false'), says: /and \{ insecure: true \}/ },
  {
    mistake: 'a file of issuers that is missing',
    spoil: tls('{ ca: ca.pem }'),
    says: /ENOENT.*; write a path from the folder of this file/,
  },
  {
    mistake: 'issuers in DER',
    spoil: tls('{ ca: ca.der }'),
    says: /of DER one is made by: openssl x509 -inform der/,
  },
];

export const WRITTEN_MISTAKES: readonly WrittenMistake[] = [
  ...OF_YAML,
  ...OF_KEYS,
  ...OF_ADDRESSES,
  ...OF_SECRETS,
];

interface CredentialMistake {
  readonly mistake: string;
  readonly text: string | Buffer;
  readonly says: RegExp;
  readonly mode?: number;
}

const QUOTE = /Put the value in single quotes on one line/;

export const CREDENTIAL_MISTAKES: readonly CredentialMistake[] = [
  {
    mistake: 'a # after a space',
    text: 'username: u\npassword: s3 #cret\n',
    says: /has a "#" that starts a comment in YAML\. Put the value in single/,
  },
  {
    mistake: 'a # at the beginning',
    text: 'username: u\npassword: #s3cret\n',
    says: /has a "#" that starts a comment/,
  },
  { mistake: 'a colon and a space', text: 'username: u\npassword: s3: cret\n', says: QUOTE },
  { mistake: 'an @ at the beginning', text: 'username: u\npassword: @s3cret\n', says: QUOTE },
  {
    mistake: 'a quote in quotes',
    text: "username: u\npassword: 's3'cret'\n",
    says: /write a quote in it twice: password: 'it''s #1'/,
  },
  {
    mistake: 'typographic quotes',
    text: 'username: u\npassword: “s3cret”\n',
    says: /begins with a typographic quote in: password/,
  },
  { mistake: 'user', text: 'user: u\npassword: s3cret\n', says: /has no key "username", written so/ },
  {
    mistake: 'pass',
    text: 'username: u\npass: s3cret\n',
    says: /has no key "password" or "privateKey", written so/,
  },
  {
    mistake: 'capitals',
    text: 'Username: u\nPassword: s3cret\n',
    says: /"login" and "Username" are not read/,
  },
  {
    mistake: 'an equals sign',
    text: 'username=u\npassword=s3cret\n',
    says: /Write two lines: username: <name> and password: '<password>'/,
  },
  { mistake: 'the password alone', text: 's3cret\n', says: /Write two lines/ },
  { mistake: 'nothing', text: '', says: /Write two lines/ },
  {
    mistake: 'no password',
    text: 'username: u\npassword:\n',
    says: /has no text, or an empty one, in: password/,
  },
  {
    mistake: 'a private key alone',
    text: '-----BEGIN OPENSSH PRIVATE KEY-----\ns3cret\n',
    says: /is a private key alone\. Write a line "username: <name>", then "privateKey: \|"/,
  },
  {
    mistake: 'JSON that is cut off',
    text: '{"username": "u", "password": "s3cret"',
    says: /is not YAML or JSON/,
  },
  {
    mistake: 'Latin-1',
    text: Buffer.from('username: u\npassword: Köln-s3cret\n', 'latin1'),
    says: /is not UTF-8\. Save it as UTF-8/,
  },
  {
    mistake: 'two documents',
    text: 'username: u\npassword: s3cret\n---\nusername: v\npassword: s3cret\n',
    says: /has a second document after "---"\. Write one user and its password in each file/,
  },
  {
    mistake: 'a variable of a shell as the password',
    text: 'username: u\npassword: $S3CRET\n',
    says: /has a placeholder such as .* in: password\. vsweep replaces none: write the value itself/,
  },
  {
    mistake: 'a variable of compose as the password',
    text: `username: u\npassword: \${S3CRET:-x}\n`,
    says: /has a placeholder such as .* in: password/,
  },
  {
    mistake: 'the words of an instruction',
    text: "username: <name>\npassword: '<password>'\n",
    says: /has a placeholder such as .* in: username/,
  },
  {
    mistake: 'a blank behind the user',
    text: "username: 'u '\npassword: s3cret\n",
    says: /has a blank at the beginning or the end of: username/,
  },
  {
    mistake: 'others can read it',
    text: GOOD_CREDENTIAL,
    mode: 0o644,
    says: /Run: chmod 600 credentials\/vc01\.yaml/,
  },
];
