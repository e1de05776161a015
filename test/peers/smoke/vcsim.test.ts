import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { request } from 'node:https';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithPeers } from '../../support/peers/peer-requirements.ts';
import { startVcsim, type Vcsim } from '../../support/peers/vcsim.ts';

const names = Array.from({ length: 6 }, (_, i) => `esx0${i}.example.org`);
const [esx0 = '', esx1 = '', esx2 = '', esx3 = '', esx4 = '', esx5 = ''] = names;

describeWithPeers(['vcsim'], 'vcsim', () => {
  let vcsim: Vcsim;
  let soap: (body: string) => Promise<string>;

  beforeAll(async () => {
    vcsim = await startVcsim({ clusters: 2, hostsPerCluster: 3, names });
    soap = await createSoap(vcsim);
  });
  afterAll(() => vcsim?.[Symbol.asyncDispose]());

  it('is a vCenter with the certificate that it named', async () => {
    const certificate = new X509Certificate(await readFile(vcsim.certificateFile));
    expect(vcsim.sha256).toBe(certificate.fingerprint256);
    const reply = await soap(
      `<RetrieveServiceContent xmlns="urn:vim25">${self('ServiceInstance')}</RetrieveServiceContent>`,
    );
    expect(reply).toContain('<apiType>VirtualCenter</apiType>');
  });

  it('refuses a wrong password, and counts the sessions that are open', async () => {
    const { user, password } = vcsim;
    expect(await soap(login(user, 'wrong'))).toContain('InvalidLogin');
    expect(await soap(login('someone@vsphere.local', password))).toContain('InvalidLogin');
    expect(await vcsim.openSessions()).toBe(0);
    expect(await soap(login(user, password))).toContain(`<userName>${user}</userName>`);
    expect(await vcsim.openSessions()).toBe(1);
  });

  it('has the hosts of the test, all connected and with SSH on', async () => {
    expect(vcsim.hosts).toEqual(names);
    const hosts = await readHosts(soap);
    expect([...hosts.keys()].sort()).toEqual(names);
    for (const host of hosts.values()) {
      expect(host).toContain('connected<');
      expect(host).toMatch(/<key>TSM-SSH<\/key>.*?<running>true<\/running>/);
    }
  });

  it('changes hosts while it runs', async () => {
    await vcsim.change(esx0, 'not-responding');
    await vcsim.change(esx1, 'overall-status/red');
    await vcsim.change(esx2, 'lockdown/lockdownNormal');
    await vcsim.change(esx3, 'service/TSM-SSH/stopped');
    await vcsim.change(esx4, 'remove');
    const hosts = await readHosts(soap);
    expect(hosts.get(esx0)).toContain('>notResponding<');
    expect(hosts.get(esx0)).not.toContain('config.');
    expect(hosts.get(esx1)).toContain('>red<');
    expect(hosts.get(esx2)).toContain('>lockdownNormal<');
    expect(hosts.get(esx3)).toMatch(/<key>TSM-SSH<\/key>.*?<running>false<\/running>/);
    expect([...hosts.keys()].sort()).toEqual([esx0, esx1, esx2, esx3, esx5]);

    await vcsim.change(esx0, 'connected');
    expect((await readHosts(soap)).get(esx0)).toContain('config.lockdownMode');
    await expect(vcsim.change(esx4, 'connected')).rejects.toThrow(`no host "${esx4}"`);
  });
});

const self = (type: string, moref = type) => `<_this type="${type}">${moref}</_this>`;
const login = (user: string, password: string) =>
  `<Login xmlns="urn:vim25">${self('SessionManager')}<userName>${user}</userName><password>${password}</password></Login>`;

/** Each host's `<objects>` element by its name; needs a session. */
async function readHosts(soap: (body: string) => Promise<string>): Promise<Map<string, string>> {
  const view = await soap(
    `<CreateContainerView xmlns="urn:vim25">${self('ViewManager')}<container type="Folder">group-d1</container>` +
      '<type>HostSystem</type><recursive>true</recursive></CreateContainerView>',
  );
  const paths = ['name', 'runtime.connectionState', 'overallStatus', 'config.lockdownMode', 'config.service'];
  const reply = await soap(
    `<RetrievePropertiesEx xmlns="urn:vim25">${self('PropertyCollector', 'propertyCollector')}<specSet>` +
      `<propSet><type>HostSystem</type>${paths.map((path) => `<pathSet>${path}</pathSet>`).join('')}</propSet>` +
      `<objectSet><obj type="ContainerView">${/"ContainerView">([^<]+)</.exec(view)?.[1]}</obj><skip>true</skip>` +
      '<selectSet xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="TraversalSpec">' +
      '<type>ContainerView</type><path>view</path></selectSet></objectSet></specSet><options/></RetrievePropertiesEx>',
  );
  const objects = reply.match(/<objects>.*?<\/objects>/gs) ?? [];
  return new Map(
    objects.map((object) => [/<name>name<\/name><val[^>]*>([^<]+)/.exec(object)?.[1] ?? '', object]),
  );
}

/** Posts SOAP bodies to the vCenter, checking its certificate and keeping its session cookie. */
async function createSoap(vcsim: Vcsim): Promise<(body: string) => Promise<string>> {
  const ca = await readFile(vcsim.certificateFile);
  let cookie = '';
  return async (body) => {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const headers = { 'content-type': 'text/xml', soapaction: 'urn:vim25/8.0.1.0', cookie };
    const signal = AbortSignal.timeout(20_000);
    const call = request(
      vcsim.url,
      { method: 'POST', headers, ca, signal, agent: false },
      async (response) => {
        cookie = response.headers['set-cookie']?.[0]?.split(';')[0] ?? cookie;
        resolve((await response.setEncoding('utf8').toArray()).join(''));
      },
    );
    call.on('error', reject);
    call.end(`<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Body>${body}</Body></Envelope>`);
    return await promise;
  };
}
