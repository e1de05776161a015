package main

import (
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// fillHygiene gives objects what has to be known of them before it hurts: the first of each sort is out of order, the
// others are as they should be. After fillEstate, because a host that is not connected has no configuration.
func fillHygiene(context *simulator.Context, at time.Time) {
	for number, host := range hostsInOrder(context) {
		context.AutoUpdate(host, func() { fillHostHygiene(host, number == 0, at) })
	}
	for number, machine := range inOrder[*simulator.VirtualMachine](context, "VirtualMachine") {
		context.AutoUpdate(machine, func() { fillMachineHygiene(machine, number == 0) })
	}
	for number, cluster := range inOrder[*simulator.ClusterComputeResource](context, "ClusterComputeResource") {
		context.AutoUpdate(cluster, func() { fillClusterHygiene(cluster, number == 0) })
	}
}

func choose[T any](isBad bool, bad, good T) T {
	if isBad {
		return bad
	}
	return good
}

func fillHostHygiene(host *simulator.HostSystem, isBad bool, at time.Time) {
	host.Summary.RebootRequired = isBad
	host.Runtime.DasHostState = &types.ClusterDasFdmHostState{State: choose(isBad, "networkIsolated", "connectedToMaster")}
	host.ComplianceCheckState = &types.HostSystemComplianceCheckState{State: choose(isBad, "nonCompliant", "compliant"), CheckTime: at}
	if isBad {
		issue := types.Event{Key: 7, ChainId: 7, CreatedTime: at, FullFormattedMessage: "no redundancy of " + host.Name}
		host.ConfigIssue = []types.BaseEvent{
			&types.HostNoRedundantManagementNetworkEvent{HostDasEvent: types.HostDasEvent{HostEvent: types.HostEvent{Event: issue}}},
			&types.EventEx{Event: issue, EventTypeId: "esx.problem.net.redundancy.lost"},
		}
	}
	if host.Config == nil {
		return
	}
	// Hosts of the simulator share their configuration.
	config := *host.Config
	host.Config = &config
	config.Option = []types.BaseOptionValue{
		&types.OptionValue{Key: "Syslog.global.logHost", Value: choose(isBad, "", "tcp://syslog.example.org:514")},
		&types.OptionValue{Key: "ScratchConfig.CurrentScratchLocation", Value: choose(isBad, "/tmp/scratch", "/vmfs/volumes/5eed/.locker")},
	}
	config.MultipathState = &types.HostMultipathStateInfo{Path: []types.HostMultipathStateInfoPath{
		{Name: "vmhba2:C0:T0:L1", PathState: "active"},
		{Name: "vmhba3:C0:T0:L1", PathState: choose(isBad, "dead", "standby")},
	}}
	synchronized, fallback := !isBad, false
	config.DateTimeInfo = &types.HostDateTimeInfo{
		TimeZone:        types.HostDateTimeSystemTimeZone{Key: "UTC", Name: "UTC", Description: "UTC"},
		NtpConfig:       &types.HostNtpConfig{Server: []string{"ntp1.example.org"}},
		InFallbackState: &fallback, ServiceSync: &synchronized, LastSyncTime: &at,
	}
	if isBad {
		config.ActiveDiagnosticPartition = nil
	}
}

func fillMachineHygiene(machine *simulator.VirtualMachine, isBad bool) {
	machine.Runtime.ConsolidationNeeded = isBad
	machine.Runtime.ToolsInstallerMounted = isBad
	machine.Runtime.DasVmProtection = &types.VirtualMachineRuntimeInfoDasProtectionState{DasProtected: !isBad}
	machine.GuestHeartbeatStatus = choose(isBad, types.ManagedEntityStatusRed, types.ManagedEntityStatusGreen)
	if !isBad {
		return
	}
	machine.Runtime.Question = &types.VirtualMachineQuestionInfo{Id: "1", Text: "msg.uuid.altered: moved or copied?"}
	limit := int64(512)
	machine.Config.CpuAllocation = &types.ResourceAllocationInfo{Limit: &limit, Reservation: &limit}
	machine.Config.MemoryAllocation = &types.ResourceAllocationInfo{Limit: &limit, Reservation: &limit}
	unit := func(keys ...int32) types.VirtualMachineFileLayoutExDiskUnit {
		return types.VirtualMachineFileLayoutExDiskUnit{FileKey: keys}
	}
	disk := func(chain ...types.VirtualMachineFileLayoutExDiskUnit) []types.VirtualMachineFileLayoutExDiskLayout {
		return []types.VirtualMachineFileLayoutExDiskLayout{{Key: 2000, Chain: chain}}
	}
	file := func(key int32, kind string, size int64) types.VirtualMachineFileLayoutExFileInfo {
		return types.VirtualMachineFileLayoutExFileInfo{Key: key, Name: kind, Type: kind, Size: size}
	}
	machine.LayoutEx = &types.VirtualMachineFileLayoutEx{
		File: []types.VirtualMachineFileLayoutExFileInfo{
			file(1, "diskDescriptor", 500), file(2, "diskExtent", 1<<30),
			file(3, "diskDescriptor", 300), file(4, "diskExtent", 1<<20), file(5, "snapshotData", 30_000),
		},
		Disk: disk(unit(1, 2), unit(3, 4)),
		Snapshot: []types.VirtualMachineFileLayoutExSnapshotLayout{
			{Key: machine.Snapshot.RootSnapshotList[0].Snapshot, DataKey: 5, MemoryKey: -1, Disk: disk(unit(1, 2))},
		},
	}
}

func fillClusterHygiene(cluster *simulator.ClusterComputeResource, isBad bool) {
	on := !isBad
	cluster.Configuration = types.ClusterConfigInfo{
		DasConfig: types.ClusterDasConfigInfo{
			Enabled: &on, HostMonitoring: choose(isBad, "disabled", "enabled"), AdmissionControlEnabled: &on, FailoverLevel: 1,
		},
		DrsConfig: types.ClusterDrsConfigInfo{
			Enabled: &on, DefaultVmBehavior: choose(isBad, types.DrsBehaviorManual, types.DrsBehaviorFullyAutomated),
		},
	}
	summary := cluster.Summary.(*types.ClusterComputeResourceSummary)
	summary.CurrentFailoverLevel = choose(isBad, int32(0), 1)
	summary.AdmissionControlInfo = &types.ClusterFailoverResourcesAdmissionControlInfo{
		CurrentCpuFailoverResourcesPercent: 75, CurrentMemoryFailoverResourcesPercent: choose(isBad, int32(5), 60),
	}
	summary.DrsScore, summary.CurrentBalance, summary.TargetBalance = choose(isBad, int32(41), 98), 250, 100
	if isBad {
		cluster.DrsFault = []types.ClusterDrsFaults{{Reason: "antiAffin"}}
		cluster.ConfigIssue = []types.BaseEvent{&types.DasDisabledEvent{}}
	}
}
