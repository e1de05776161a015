import { nearestName } from '../platform/nearest-name.ts';

/** Scripts in /etc/init.d of ESXi 6.5 to 8.0 and of NSX. No host has all of them, and agents of other makers have more. */
const KNOWN_SERVICES: ReadonlySet<string> = new Set(
  `DCUI ESXShell SSH apiForwarder attestd cdp clomd cmmdsTimeMachine cmmdsd dcbd dpd entropyd envoy epd esxTokenCPS
  gstored healthd hostbtd hostd hostd-probe hostdCgiServer iked infravisor iofilterd-spm iofilterd-vmwarevmcrypt kmxa
  kmxd lacp lbtd loadESX lsassd lwiod lwsmd memscrubd netcpa netlogond nfcd nfsgssd nscd nsx-bfd nsx-cfgagent
  nsx-context-mux nsx-ctxteng nsx-datapath nsx-exporter nsx-idps nsx-monitoring nsx-mpa nsx-nestdb nsx-netopad
  nsx-opsagent nsx-platform-client nsx-proxy nsx-sfhc nsx-support-bundle-client nsx-vdpi nsxa ntpd osfsd pcscd ptpd
  rabbitmqproxy rdmaMgr rhttpproxy sdrsInjector sensord settingsd sfcbd sfcbd-watchdog slpd smartd snmpd storageRM
  swapobjd usbarbitrator vdfsd-proxy vdpi vdtc vitd vmfstraced vmsyslogd vmtoolsd vmware-fdm vobd vprobed vpxa
  vsanObserver vsandevicemonitord vsanmgmtd vsanperfsvc vsantraced vsfwd vvold wsman xorg`.split(/\s+/),
);

const isKnown = (service: string): boolean => KNOWN_SERVICES.has(service);

/** ` Did you mean hostd?`, for a service of no ESXi that is nearly one. */
const meant = (service: string): string | undefined => {
  const near = isKnown(service) ? undefined : nearestName(service, KNOWN_SERVICES);
  return near === undefined ? undefined : `Did you mean ${near}?`;
};

/** Of a service that looks misspelt: hosts are not asked, so that one which vsweep does not know is no fault. */
export function misspeltService(service: string): string | undefined {
  const hint = meant(service);
  return hint === undefined
    ? undefined
    : `ESXi has no service ${service} that vsweep knows, and its metric is 0 on hosts without /etc/init.d/${service}. ${hint}`;
}

/** Of a service without a script on a host: its metric is 0 there, as if it were stopped. None of one that not every host has. */
export function absentService(service: string): string | undefined {
  if (isKnown(service)) return undefined;
  const hint = meant(service) ?? 'Leave it out of esxi.services, or correct its name.';
  return `the host has no /etc/init.d/${service}, and esxi_critical_service_status is 0 as if it were stopped. ${hint}`;
}
