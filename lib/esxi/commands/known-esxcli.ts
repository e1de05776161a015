import { editDistance, nearestName } from '../../platform/nearest-name.ts';

/**
 * The commands of esxcli that read: namespaces with the verbs `get` and `list`. From fcenobi/esxcli-ahk, a public list of
 * all commands of ESXi 6.7, and names that 7.0 and 8.0 added. Vendors add others, so one that is not here may be there.
 */
const GET = [
  'device alias;graphics host;hardware clock;hardware cpu cpuid;hardware cpu global;hardware ipmi bmc',
  'hardware ipmi fru;hardware ipmi sdr;hardware ipmi sel;hardware memory;hardware platform',
  'hardware power policy;hardware smartcard info;hardware tpm tag;hardware trustedboot;iscsi adapter',
  'iscsi adapter auth chap;iscsi adapter capabilities;iscsi adapter discovery sendtarget auth chap',
  'iscsi adapter discovery sendtarget param;iscsi adapter discovery status;iscsi adapter firmware',
  'iscsi adapter param;iscsi adapter target portal auth chap;iscsi adapter target portal param',
  'iscsi ibftboot;iscsi networkportal ipconfig;iscsi networkportal ipv6config',
  'iscsi physicalnetworkportal param;iscsi software;network ens lcore affinity;network ens lcore switch',
  'network ens maxLcores;network firewall;network firewall ruleset client;network ip',
  'network ip interface ipv4;network ip interface ipv6;network ip interface tag;network ip netstack',
  'network nic;network nic coalesce;network nic coalesce high;network nic coalesce low;network nic cso',
  'network nic queue count;network nic ring current;network nic ring preset;network nic sg',
  'network nic stats;network nic tso;network nic vlan stats;network port filter stats',
  'network port stats;network vswitch dvs vmware lacp config;network vswitch dvs vmware lacp stats',
  'network vswitch dvs vmware lacp status;network vswitch standard policy failover',
  'network vswitch standard policy security;network vswitch standard policy shaping',
  'network vswitch standard portgroup policy failover',
  'network vswitch standard portgroup policy security;network vswitch standard portgroup policy shaping',
  'nvme device;nvme device feature aec;nvme device feature apst;nvme device feature ar',
  'nvme device feature er;nvme device feature hi;nvme device feature hmb;nvme device feature ic',
  'nvme device feature ivc;nvme device feature kat;nvme device feature lba;nvme device feature nq',
  'nvme device feature pm;nvme device feature spm;nvme device feature tt;nvme device feature vwc',
  'nvme device feature wa;nvme device log error;nvme device log fwslot;nvme device log smart',
  'nvme device namespace;nvme device register;nvme device timeout;rdma device stats;sched reliablemem',
  'sched swap system;software acceptance;software baseimage;software profile;software sources profile',
  'software sources vib;software vib;storage core adapter stats;storage core device physical',
  'storage core device smart;storage core device smart status;storage core device stats',
  'storage core device vaai status;storage core path stats;storage nfs param;storage nfs41 param',
  'storage nmp psp fixed deviceconfig;storage nmp psp generic deviceconfig',
  'storage nmp psp generic pathconfig;storage nmp psp roundrobin deviceconfig',
  'storage nmp satp generic deviceconfig;storage nmp satp generic pathconfig;storage san fc events',
  'storage san fc stats;storage san fcoe stats;storage san iscsi stats;storage san sas stats',
  'storage vflash cache;storage vflash cache stats;storage vflash module;storage vflash module stats',
  'storage vmfs pbcache;storage vmfs reclaim config;storage vvol vasacontext;system auditrecords',
  'system boot device;system clock;system coredump file;system coredump network',
  'system coredump partition;system hostname;system maintenanceMode;system module;system ntp',
  'system ntp stats;system process stats load;system process stats running',
  'system security fips140 rhttpproxy;system security fips140 ssh;system settings keyboard layout',
  'system slp stats;system snmp;system stats installtime;system stats uptime;system syslog config',
  'system time;system uuid;system version;system visorfs;system wbem;system welcomemsg;vsan cluster',
  'vsan cluster preferredfaultdomain;vsan cmmds timemachine;vsan dataprotection cg',
  'vsan dataprotection local storage usage;vsan dataprotection recovery op;vsan datastore name',
  'vsan debug disk summary;vsan debug limit;vsan debug object health summary;vsan debug resync summary',
  'vsan faultdomain;vsan health cluster;vsan iscsi defaultconfig;vsan iscsi homeobject',
  'vsan iscsi initiatorgroup;vsan iscsi status;vsan iscsi target;vsan iscsi target lun;vsan perf',
  'vsan perf diagnostic;vsan resync bandwidth;vsan resync throttle;vsan storage automode;vsan trace',
];
const LIST = [
  'device alias;device driver;device software;fcoe adapter;fcoe nic;graphics device',
  'graphics device stats;graphics vm;hardware bootdevice;hardware cpu;hardware cpu cpuid raw',
  'hardware ipmi fru;hardware ipmi sdr;hardware ipmi sel;hardware pci;hardware pci slot',
  'hardware power policy choices;hardware smartcard certificate;hardware smartcard slot',
  'hardware smartcard token;hardware usb passthrough device;iscsi adapter',
  'iscsi adapter discovery sendtarget;iscsi adapter discovery statictarget;iscsi adapter target',
  'iscsi adapter target lun;iscsi adapter target portal;iscsi logicalnetworkportal;iscsi networkportal',
  'iscsi networkportal ipv6config address;iscsi physicalnetworkportal;iscsi plugin;iscsi session',
  'iscsi session connection;network ens lcore;network firewall ruleset',
  'network firewall ruleset allowedip;network firewall ruleset rule;network ip connection',
  'network ip dns search;network ip dns server;network ip interface;network ip interface ipv4 address',
  'network ip interface ipv6 address;network ip ipsec sa;network ip ipsec sp;network ip neighbor',
  'network ip netstack;network ip route ipv4;network ip route ipv6;network multicast group;network nic',
  'network nic pauseParams;network nic queue filterclass;network nic queue loadbalancer',
  'network nic queue loadbalancer plugin;network nic queue loadbalancer state;network nic software',
  'network sriovnic;network sriovnic vf;network vm;network vm port;network vswitch dvs vmware',
  'network vswitch standard;network vswitch standard portgroup;nvme device;nvme device controller',
  'nvme device namespace;rdma device;rdma device protocol;rdma device vmknic;software component',
  'software sources profile;software sources vib;software vib;storage core adapter',
  'storage core adapter capabilities;storage core adapter device;storage core claimrule',
  'storage core device;storage core device capacity;storage core device detached',
  'storage core device inquirycache;storage core device latencythreshold;storage core device partition',
  'storage core device raid;storage core device uidmap;storage core device vaai ats',
  'storage core device vaai clone;storage core device vaai delete;storage core device vaai zero',
  'storage core device world;storage core path;storage core plugin;storage core plugin registration',
  'storage filesystem;storage hpp device;storage hpp device usermarkedssd;storage hpp path',
  'storage iofilter;storage nfs;storage nfs41;storage nmp device;storage nmp path;storage nmp psp',
  'storage nmp satp;storage nmp satp rule;storage san fc;storage san fcoe;storage san iscsi',
  'storage san sas;storage vflash cache;storage vflash device;storage vflash module;storage vmfs extent',
  'storage vmfs host;storage vmfs lockmode;storage vmfs snapshot;storage vmfs snapshot extent',
  'storage vvol protocolendpoint;storage vvol storagecontainer;storage vvol vasaprovider;system account',
  'system coredump file;system coredump partition;system module;system module parameters',
  'system permission;system process;system secpolicy domain;system security certificatestore',
  'system settings advanced;system settings kernel;system settings keyboard layout',
  'system ssh server config;system syslog config logger;system visorfs ramdisk;system visorfs tardisk',
  'system wbem provider;vm process;vsan cluster unicastagent;vsan dataprotection archival storage',
  'vsan dataprotection recovery op;vsan datastore;vsan debug controller;vsan debug disk',
  'vsan debug memory;vsan debug object;vsan debug resync;vsan debug vmdk;vsan health cluster',
  'vsan iscsi initiatorgroup;vsan iscsi target;vsan iscsi target lun;vsan network;vsan storage',
];

const withVerb = (namespaces: readonly string[], verb: string): string[] =>
  namespaces
    .join(';')
    .split(';')
    .map((namespace) => `${namespace} ${verb}`);

export const KNOWN_ESXCLI: readonly string[] = [...withVerb(GET, 'get'), ...withVerb(LIST, 'list')];

/** A name that differs in more is another one, of a later version or a vendor. */
const MOST_TYPING_ERRORS = 2;

/** The known command that is likely meant by one that is not known. */
export function likelyEsxcli(command: string): string | undefined {
  if (KNOWN_ESXCLI.includes(command)) return undefined;
  const nearest = nearestName(command, KNOWN_ESXCLI);
  return nearest !== undefined && editDistance(command, nearest) <= MOST_TYPING_ERRORS ? nearest : undefined;
}
