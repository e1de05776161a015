package main

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/simulator/vpx"
	"github.com/vmware/govmomi/vim25/types"
)

// addEstate asks the model for what an inventory has besides clusters: hosts outside of them, folders, datastore
// clusters, resource pools, distributed portgroups.
func addEstate(model *simulator.Model) {
	model.Host, model.Folder, model.Pod, model.Pool = 1, 1, 1, 1
	model.Portgroup, model.Datastore = 2, 2
}

// fillEstate gives the objects what dashboards look at and the simulator leaves out, and puts some of them into the
// states that a collector tells apart. By the order of their references, so that it is the same each time.
func fillEstate(context *simulator.Context) error {
	taken := time.Date(2026, 1, 2, 3, 4, 5, 678_901_000, time.UTC)
	for number, host := range hostsInOrder(context) {
		context.AutoUpdate(host, func() { fillHost(host, number, taken) })
	}
	machines := inOrder[*simulator.VirtualMachine](context, "VirtualMachine")
	for number, machine := range machines {
		context.AutoUpdate(machine, func() { fillMachine(machine, number, taken) })
	}
	// Two of one name in two datacenters, as templates of a site make them.
	names := []string{"shared01", "fast01", "shared01", "slow%2f01"}
	stores := inOrder[*simulator.Datastore](context, "Datastore")
	for number, store := range stores {
		context.AutoUpdate(store, func() { fillDatastore(store, number, names[number%len(names)]) })
	}
	// The simulator creates datastores outside of its datastore clusters: the last one of each datacenter goes into one.
	for number, pod := range inOrder[*simulator.StoragePod](context, "StoragePod") {
		pod.Summary = &types.StoragePodSummary{Name: pod.Name, Capacity: 1 << 41, FreeSpace: 1 << 40}
		if last := 2*number + 1; last < len(stores) {
			moveInto(context, pod, stores[last])
		}
	}
	for number, pool := range inOrder[*simulator.ResourcePool](context, "ResourcePool") {
		context.AutoUpdate(pool, func() {
			pool.Summary.GetResourcePoolSummary().QuickStats = &types.ResourcePoolQuickStats{
				OverallCpuUsage: int64(100 + number), GuestMemoryUsage: 200, HostMemoryUsage: 300, OverheadMemory: 40,
			}
		})
	}
	for _, dvs := range inOrder[*simulator.DistributedVirtualSwitch](context, "DistributedVirtualSwitch") {
		context.AutoUpdate(dvs, func() {
			dvs.Config.GetDVSConfigInfo().ProductInfo = types.DistributedVirtualSwitchProductSpec{Version: "8.0.0"}
		})
	}
	fillHygiene(context, taken)
	return triggerAlarms(context)
}

// triggerAlarms puts alarms of vSphere's own and one that somebody made on one object of each sort, and one on vCenter.
func triggerAlarms(context *simulator.Context) error {
	hosts, machines := hostsInOrder(context), inOrder[*simulator.VirtualMachine](context, "VirtualMachine")
	stores := inOrder[*simulator.Datastore](context, "Datastore")
	red, yellow := types.ManagedEntityStatusRed, types.ManagedEntityStatusYellow
	for _, one := range []struct {
		name         string
		entity       types.ManagedObjectReference
		status       types.ManagedEntityStatus
		acknowledged bool
	}{
		{"Host error", hosts[0].Self, red, false},
		{"Virtual machine error", machines[0].Self, yellow, true},
		{"Host error", machines[0].Self, red, false},
		{"Virtual machine error", machines[0].Self, red, false},
		{"vcsim VM Alarm", machines[1].Self, red, false},
		{"Host error", stores[1].Self, yellow, false},
		{"Virtual machine error", vpx.ServiceContent.RootFolder, red, false},
	} {
		definition, err := alarmNamed(context, one.name)
		if err != nil {
			return err
		}
		trigger(context, one.entity, definition.Self, one.status, one.acknowledged)
	}
	return nil
}

func fillHost(host *simulator.HostSystem, number int, booted time.Time) {
	host.Runtime.BootTime = &booted
	host.Summary.QuickStats.OverallCpuUsage = int32(1_000 + number)
	host.Summary.QuickStats.OverallMemoryUsage = int32(2_000 + number)
	host.Summary.QuickStats.Uptime = 86_400
	sensor := func(name, units string, reading int64, modifier int32, health string) types.HostNumericSensorInfo {
		return types.HostNumericSensorInfo{
			Name: name, HealthState: description(health), CurrentReading: reading, UnitModifier: modifier,
			BaseUnits: units, SensorType: "other",
		}
	}
	host.Runtime.HealthSystemRuntime = &types.HealthSystemRuntime{
		SystemHealthInfo: &types.HostSystemHealthInfo{NumericSensorInfo: []types.HostNumericSensorInfo{
			sensor("Fan 1A", "RPM", 8_400, 0, "green"),
			sensor("Inlet Temp", "degrees C", 2_350, -2, "yellow"),
			sensor("Voltage 1", "Volts", 234, 0, "red"),
			sensor("Current 1", "Amps", 6, -1, "unknown"),
			sensor("Pwr Consumption", "Watts", 182, 1, "green"),
			sensor("PS Redundancy", "redundancy-discrete", 1, 0, "green"),
			sensor("Temp, rear", "degrees C", 31, 0, "green"),
		}},
		HardwareStatusInfo: &types.HostHardwareStatusInfo{
			CpuStatusInfo: []types.BaseHostHardwareElementInfo{
				&types.HostHardwareElementInfo{Name: "CPU 1", Status: description("Green")},
			},
			MemoryStatusInfo: []types.BaseHostHardwareElementInfo{
				&types.HostHardwareElementInfo{Name: "Memory 1", Status: description("Yellow")},
			},
			StorageStatusInfo: []types.HostStorageElementInfo{
				{HostHardwareElementInfo: types.HostHardwareElementInfo{Name: "Disk 0", Status: description("Red")}},
			},
		},
	}
	switch number {
	case 1:
		host.Runtime.PowerState, host.Runtime.StandbyMode = types.HostSystemPowerStateStandBy, string(types.HostStandbyModeIn)
	case 2:
		host.Runtime.ConnectionState, host.Config = types.HostSystemConnectionStateNotResponding, nil
	case 3:
		host.Runtime.InMaintenanceMode = true
	}
}

func description(key string) types.BaseElementDescription {
	return &types.ElementDescription{Description: types.Description{Label: key, Summary: key}, Key: key}
}

func fillMachine(machine *simulator.VirtualMachine, number int, taken time.Time) {
	booted := taken.Add(time.Hour)
	machine.Runtime.BootTime, machine.Runtime.MaxCpuUsage = &booted, int32(4_800+number)
	machine.Summary.Storage = &types.VirtualMachineStorageSummary{Committed: 1 << 33, Uncommitted: 1 << 32, Unshared: 1<<33 - 1}
	if machine.Guest != nil {
		machine.Guest.ToolsStatus, machine.Guest.ToolsVersion = types.VirtualMachineToolsStatusToolsOk, "12389"
		machine.Guest.ToolsVersionStatus2 = string(types.VirtualMachineToolsVersionStatusGuestToolsCurrent)
	}
	snapshot := func(id int, name string, children ...types.VirtualMachineSnapshotTree) types.VirtualMachineSnapshotTree {
		return types.VirtualMachineSnapshotTree{
			Snapshot: types.ManagedObjectReference{Type: "VirtualMachineSnapshot", Value: fmt.Sprintf("snapshot-%d%d", number, id)},
			Vm:       machine.Self, Name: name, Id: int32(id), CreateTime: taken.Add(time.Duration(id) * time.Minute),
			State: types.VirtualMachinePowerStatePoweredOff, ChildSnapshotList: children,
		}
	}
	switch number {
	case 0:
		tree := snapshot(1, "twice", snapshot(2, "a%2fb"), snapshot(3, `after "patch"`), snapshot(4, "twice"))
		machine.Snapshot = &types.VirtualMachineSnapshotInfo{
			CurrentSnapshot: &tree.Snapshot, RootSnapshotList: []types.VirtualMachineSnapshotTree{tree},
		}
	case 1:
		machine.Runtime.PowerState, machine.Runtime.BootTime = types.VirtualMachinePowerStatePoweredOff, nil
		machine.Summary.Config.Template = true
	case 2:
		machine.Runtime.ConnectionState = types.VirtualMachineConnectionStateInaccessible
	case 3:
		machine.Name = "web%2f03"
	case 4:
		// As while it is cloned.
		machine.Runtime.Host = nil
	}
}

func fillDatastore(store *simulator.Datastore, number int, name string) {
	store.Name, store.Summary.Name = name, name
	store.Summary.Capacity, store.Summary.FreeSpace = int64(number+1)<<40, int64(number+1)<<38
	store.Summary.MaintenanceMode = string(types.DatastoreSummaryMaintenanceModeStateNormal)
	if number%2 == 0 {
		store.Summary.Uncommitted = 1 << 36
	}
	store.Summary.Accessible = number != 1
}

// moveInto puts a datastore below a datastore cluster, as MoveIntoFolder_Task does.
func moveInto(context *simulator.Context, pod *simulator.StoragePod, store *simulator.Datastore) {
	from := context.Map.Get(*store.Parent).(*simulator.Folder)
	context.AutoUpdate(from, func() {
		from.ChildEntity = slices.DeleteFunc(slices.Clone(from.ChildEntity), func(ref types.ManagedObjectReference) bool {
			return ref == store.Self
		})
	})
	context.AutoUpdate(pod, func() { pod.ChildEntity = append(pod.ChildEntity, store.Self) })
	context.AutoUpdate(store, func() { store.Parent = &pod.Self })
}

func inOrder[T interface {
	Reference() types.ManagedObjectReference
}](context *simulator.Context, kind string) []T {
	var found []T
	for _, entity := range context.Map.All(kind) {
		found = append(found, entity.(T))
	}
	// References end in a counter that only grows.
	number := func(one T) int {
		value := one.Reference().Value
		n, _ := strconv.Atoi(strings.TrimLeft(value[strings.LastIndexFunc(value, unicode.IsLetter)+1:], "-"))
		return n
	}
	slices.SortFunc(found, func(a, b T) int { return cmp.Compare(number(a), number(b)) })
	return found
}
