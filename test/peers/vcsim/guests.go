package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// fillGuestGaps gives each virtual machine but the last a guest that runs VMware Tools, and each host a vSAN system:
// what the simulator has only for containers, or not at all.
func fillGuestGaps(context *simulator.Context) {
	var machines []*simulator.VirtualMachine
	for _, entity := range context.Map.All("VirtualMachine") {
		machines = append(machines, entity.(*simulator.VirtualMachine))
	}
	slices.SortFunc(machines, func(a, b *simulator.VirtualMachine) int { return cmp.Compare(a.Name, b.Name) })
	for _, machine := range machines {
		// Without these words, which a vCenter always has, pyVmomi cannot read the runtime.
		machine.Runtime.FaultToleranceState = types.VirtualMachineFaultToleranceStateNotConfigured
		machine.Runtime.RecordReplayState = types.VirtualMachineRecordReplayStateInactive
	}
	for number, machine := range machines[:max(0, len(machines)-1)] {
		guest := machine.Guest
		guest.HostName = strings.ToLower(machine.Name) + ".example.org"
		// The search index compares texts, so an address beyond 254 does no harm.
		guest.IpAddress = fmt.Sprintf("192.0.2.%d", number+1)
		guest.ToolsRunningStatus = string(types.VirtualMachineToolsRunningStatusGuestToolsRunning)
		guest.Disk = []types.GuestDiskInfo{
			{DiskPath: "/", Capacity: 40 << 30, FreeSpace: 10 << 30},
			{DiskPath: "/var", Capacity: 1<<53 + 1, FreeSpace: 1},
		}
		guest.Net = []types.GuestNicInfo{{
			Network:   "VM Network",
			IpAddress: []string{guest.IpAddress, "2001:db8::7"}, MacAddress: "00:50:56:00:00:07",
			Connected: true, DeviceConfigId: 4000,
		}}
	}
	content := context.Map.Get(types.ManagedObjectReference{Type: "ServiceInstance", Value: "ServiceInstance"}).(*simulator.ServiceInstance).Content
	operations := context.Map.Get(*content.GuestOperationsManager).(*simulator.GuestOperationsManager)
	original := context.Map.Get(*operations.ProcessManager).(*simulator.GuestProcessManager)
	context.Map.Put(&guestProcessManager{GuestProcessManager: original})
	for _, host := range hostsInOrder(context) {
		system := &vsanSystem{host: host.Self.Value}
		system.Self = types.ManagedObjectReference{Type: "HostVsanSystem", Value: "vsanSystem-" + host.Self.Value}
		context.Map.Put(system)
		host.ConfigManager.VsanSystem = &system.Self
	}
}

// guestProcessManager has three processes for the one account of every guest.
type guestProcessManager struct {
	*simulator.GuestProcessManager
}

func (m *guestProcessManager) ListProcessesInGuest(_ *simulator.Context, request *types.ListProcessesInGuest) soap.HasFault {
	account, ok := request.Auth.(*types.NamePasswordAuthentication)
	if !ok || account.Username != "monitor" || account.Password != "vcsim-guest" {
		return &methods.ListProcessesInGuestBody{Fault_: simulator.Fault("", &types.InvalidGuestLogin{})}
	}
	started := time.Date(2026, 1, 2, 3, 4, 5, 678_901_000, time.UTC)
	processes := []types.GuestProcessInfo{
		{Name: "init", Pid: 1, Owner: "root", CmdLine: "/sbin/init", StartTime: started},
		{Name: "nginx", Pid: 812, Owner: "www-data", CmdLine: "nginx: worker \"é\"", StartTime: started},
		{Name: "job", Pid: 900, Owner: "root", CmdLine: "/usr/bin/job", StartTime: started, EndTime: &started, ExitCode: 3},
	}
	return &methods.ListProcessesInGuestBody{Res: &types.ListProcessesInGuestResponse{Returnval: processes}}
}

type vsanSystem struct {
	mo.HostVsanSystem
	host string
}

func (s *vsanSystem) QueryHostStatus(*simulator.Context, *types.QueryHostStatus) soap.HasFault {
	return &methods.QueryHostStatusBody{Res: &types.QueryHostStatusResponse{Returnval: types.VsanHostClusterStatus{
		Uuid:      "52a1b2c3-0000-4000-8000-000000000001",
		NodeUuid:  "node-" + s.host,
		Health:    string(types.VsanHostHealthStateHealthy),
		NodeState: types.VsanHostClusterStatusState{State: string(types.VsanHostNodeStateMaster)},
	}}}
}
