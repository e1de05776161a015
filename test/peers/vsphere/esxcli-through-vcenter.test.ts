import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithPeers } from '../../support/peers/peer-requirements.ts';
import { startVcsim, type Vcsim } from '../../support/peers/vcsim.ts';

/** A method of the vSphere API that no document has, so vsweep's own client has no call of it: docs/adr/0061. */
describeWithPeers(['vcsim'], 'esxcli through the vCenter of govmomi', () => {
  let vcsim: Vcsim;
  let cookie = '';

  const call = async (body: string): Promise<string> => {
    const envelope = `<?xml version="1.0"?><Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Body>${body}</Body></Envelope>`;
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const headers = { 'content-type': 'text/xml', soapaction: 'urn:vim25/8.0', cookie };
    // A simulator with a certificate of its own, on loopback.
    request(vcsim.url, { method: 'POST', headers, rejectUnauthorized: false }, (answer) => {
      cookie = answer.headers['set-cookie']?.[0]?.split(';')[0] ?? cookie;
      text(answer).then(resolve, reject);
    })
      .on('error', reject)
      .end(envelope);
    return await promise;
  };
  const on = (type: string, value: string, method: string, rest = '') =>
    call(`<${method} xmlns="urn:vim25"><_this type="${type}">${value}</_this>${rest}</${method}>`);

  beforeAll(async () => {
    vcsim = await startVcsim({ hostsPerCluster: 1, machinesPerCluster: 1 });
    const account = `<userName>${vcsim.user}</userName><password>${vcsim.password}</password>`;
    expect(await on('SessionManager', 'SessionManager', 'Login', account)).toContain('LoginResponse');
  });
  afterAll(() => vcsim?.[Symbol.asyncDispose]());

  it('gives the rows of a command to whoever is logged in: it knows no privilege, so it cannot tell which is needed', async () => {
    const view = await on(
      'ViewManager',
      'ViewManager',
      'CreateContainerView',
      '<container type="Folder">group-d1</container><type>HostSystem</type><recursive>true</recursive>',
    );
    const [, viewId = ''] = /<returnval[^>]*>([^<]+)</.exec(view) ?? [];
    const listed = await on(
      'PropertyCollector',
      'propertyCollector',
      'RetrieveProperties',
      `<specSet><propSet><type>ContainerView</type><pathSet>view</pathSet></propSet><objectSet><obj type="ContainerView">${viewId}</obj></objectSet></specSet>`,
    );
    const [, host = ''] = /type="HostSystem"[^>]*>([^<]+)</.exec(listed) ?? [];
    const executer = await on('HostSystem', host, 'RetrieveManagedMethodExecuter');
    expect(executer).toContain('ManagedMethodExecuter');
    const [, id = ''] = /<returnval[^>]*>([^<]+)</.exec(executer) ?? [];
    const answer = await on(
      'ManagedMethodExecuter',
      id,
      'ExecuteSoap',
      '<moid>ha-cli-handler-hardware-clock</moid><version>urn:vim25/5.0</version><method>vim.EsxCLI.hardware.clock.get</method>',
    );
    expect(answer).toContain('ExecuteSoapResponse');
    expect(answer).toMatch(/<response>.*\d{4}-\d\d-\d\dT/s);
    expect(answer).not.toContain('NoPermission');
  });
});
