import { describe, expect, it } from 'vitest';
import type { DemoVcenterHost } from '../../../lib/demo/vcenter/demo-host.ts';
import { VimService } from '../../../lib/demo/vcenter/vim-service.ts';
import { systemClock } from '../../../lib/platform/clock.ts';
import { SoapReader } from '../../../lib/vsphere/soap/soap-reader.ts';
import { envelope } from '../../../lib/vsphere/soap/soap-request.ts';
import { ElementBuilder } from '../../../lib/vsphere/soap/unit-builder.ts';

const HOST: DemoVcenterHost = {
  moref: 'host-1',
  name: 'esx1',
  cluster: 'c',
  datacenter: 'dc',
  connectionState: 'connected',
  powerState: 'poweredOn',
  inMaintenanceMode: false,
  lockdownMode: 'lockdownDisabled',
  overallStatus: 'gray',
  services: [{ key: 'TSM-SSH', running: true }],
};

function start(hosts: readonly DemoVcenterHost[] = [HOST], pageSize = 100) {
  const service = new VimService({ users: { u: 'p' }, hosts, pageSize, clock: systemClock });
  const call = (body: string, cookie?: string) => {
    const reader = new SoapReader({ origin: 'test', unitDepth: 2 }, new ElementBuilder());
    const [request] = reader.push(Buffer.from(envelope(body)));
    if (request === undefined) throw new Error('no request');
    return service.answer({ request, cookie, userAgent: 'test' });
  };
  const login = (userName = 'u', password = 'p', cookie?: string) =>
    call(`<Login><userName>${userName}</userName><password>${password}</password></Login>`, cookie).newCookie;
  return { service, call, login };
}

const retrieval = (path: string, moref = 'host-1') =>
  `<RetrievePropertiesEx><specSet><propSet><type>HostSystem</type><pathSet>${path}</pathSet></propSet>` +
  `<objectSet><obj type="HostSystem">${moref}</obj></objectSet></specSet></RetrievePropertiesEx>`;

describe('VimService', () => {
  it('opens a session for a right password only, and not in a session that is open', () => {
    const { service, login } = start();
    expect(() => login('u', 'x')).toThrow('incorrect user name or password');
    expect(() => login('toString', 'x')).toThrow('incorrect user name or password');
    const cookie = login();
    expect(() => login('u', 'p', cookie)).toThrow();
    expect(service.stats).toMatchObject({ logins: 1, refusedLogins: 3 });
    expect(service.sessions.list()).toHaveLength(1);
  });

  it('answers calls in a session only', () => {
    const { call } = start();
    expect(() => call('<AcquireCloneTicket/>')).toThrow('not authenticated');
    expect(() => call('<AcquireCloneTicket/>', 'made-up')).toThrow('not authenticated');
  });

  it('takes a clone ticket once', () => {
    const { service, call, login } = start();
    const { content } = call('<AcquireCloneTicket/>', login());
    const ticket = /<returnval>(.*)<\/returnval>/.exec(content)?.[1] ?? '';
    const clone = () => call(`<CloneSession><cloneTicket>${ticket}</cloneTicket></CloneSession>`).newCookie;
    expect(clone()).toBeDefined();
    expect(clone).toThrow('not valid');
    expect(service.sessions.list()).toHaveLength(2);
  });

  it('takes a page token once, and in its own session', () => {
    const { call, login } = start([HOST, { ...HOST, moref: 'host-2' }], 1);
    const [cookie, other] = [login(), login()];
    const view =
      '<CreateContainerView><container type="Folder">group-d1</container><type>HostSystem</type></CreateContainerView>';
    const id = /<returnval[^>]*>(.*)<\/returnval>/.exec(call(view, cookie).content)?.[1];
    const first = call(
      '<RetrievePropertiesEx><specSet><propSet><type>HostSystem</type><pathSet>name</pathSet></propSet>' +
        `<objectSet><obj type="ContainerView">${id}</obj></objectSet></specSet></RetrievePropertiesEx>`,
      cookie,
    );
    const token = /<token>(.*)<\/token>/.exec(first.content)?.[1];
    const next = `<ContinueRetrievePropertiesEx><token>${token}</token></ContinueRetrievePropertiesEx>`;
    expect(() => call(next, other)).toThrow('token');
    expect(call(next, cookie).content).toContain('host-2');
    expect(() => call(next, cookie)).toThrow('token');
  });

  it('says which object is gone and which property does not exist', () => {
    const { call, login } = start();
    const cookie = login();
    expect(() => call(retrieval('name', 'host-9'), cookie)).toThrow(
      expect.objectContaining({
        fault: 'ManagedObjectNotFound',
        detail: '<obj type="HostSystem">host-9</obj>',
      }),
    );
    expect(() => call(retrieval('nam'), cookie)).toThrow(
      expect.objectContaining({ fault: 'InvalidProperty' }),
    );
  });

  it('has the services as a data object and as an array', () => {
    const { call, login } = start();
    const cookie = login();
    expect(call(retrieval('config.service'), cookie).content).toContain(
      '<val xsi:type="HostServiceInfo"><service><key>TSM-SSH</key>',
    );
    expect(call(retrieval('config.service.service'), cookie).content).toContain(
      '<val xsi:type="ArrayOfHostService"><HostService><key>TSM-SSH</key>',
    );
  });

  it('answers with the hosts of the moment', () => {
    const { service, call, login } = start();
    const cookie = login();
    service.setHosts([{ ...HOST, overallStatus: 'red' }]);
    expect(call(retrieval('overallStatus'), cookie).content).toContain('>red<');
    service.setHosts([]);
    expect(() => call(retrieval('overallStatus'), cookie)).toThrow('already been deleted');
  });
});
