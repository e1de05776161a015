/**
 * The words of the enumerations that a property of an own metric can be of: a line each, its type first. Made by
 * tools/vim25/print_words.py of pyVmomi 9.1.1.0, and pick-words.ts.
 */
export const WORD_TABLE = `
ArrayUpdateOperation add remove edit
AutoStartWaitHeartbeatSetting yes no systemDefault
ComputeResourceHostSPBMLicenseInfoHostSPBMLicenseState licensed unlicensed unknown
DasVmPriority disabled low medium high
DpmBehavior manual automated
DrsBehavior manual partiallyAutomated fullyAutomated
FibreChannelPortType fabric loop pointToPoint unknown
FtIssuesOnHostHostSelectionType user vc drs
HostFirewallRuleDirection inbound outbound
HostFirewallRulePortType src dst
HostInternetScsiHbaNetworkBindingSupportType notsupported optional required
HostLockdownMode lockdownDisabled lockdownNormal lockdownStrict
HostPowerOperationType powerOn powerOff
HostSystemConnectionState connected notResponding disconnected
HostSystemPowerState poweredOn poweredOff standBy unknown
HostTpmAttestationInfoAcceptanceStatus notAccepted accepted
LatencySensitivitySensitivityLevel low normal medium high custom
LicenseFeatureInfoState enabled disabled optional
ManagedEntityStatus gray green yellow red
SharesLevel low normal high custom
TaskInfoState queued running success error
VirtualAppVAppState started stopped starting stopping
VirtualDeviceConfigSpecFileOperation create destroy replace
VirtualDeviceConfigSpecOperation add remove edit
VirtualMachineConnectionState connected disconnected orphaned inaccessible invalid
VirtualMachineFaultToleranceState notConfigured disabled enabled needSecondary starting running
VirtualMachinePowerState poweredOff poweredOn suspended
VirtualMachineRecordReplayState recording replaying inactive
VirtualMachineRelocateTransformation flat sparse
VirtualMachineToolsStatus toolsNotInstalled toolsNotRunning toolsOld toolsOk
VirtualSCSISharing noSharing virtualSharing physicalSharing
`;
