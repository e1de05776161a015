package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// fleet is the simulator's hosts under the names that the test gave them.
type fleet struct {
	context *simulator.Context
	names   []string
	hosts   map[string]*hostRecord
	// requests counts what the SOAP endpoint was asked.
	requests atomic.Int64
}

// hostRecord keeps what a host that stops responding takes away, to give it back later.
type hostRecord struct {
	host   *simulator.HostSystem
	config *types.HostConfigInfo
}

// newFleet names the hosts in the order of their creation; hosts beyond the list keep the simulator's names.
func newFleet(context *simulator.Context, namesFile string) (*fleet, error) {
	hosts := hostsInOrder(context)
	names, err := readNames(namesFile)
	if err != nil {
		return nil, err
	}
	if len(names) > len(hosts) {
		return nil, fmt.Errorf("%s has %d names for %d hosts", namesFile, len(names), len(hosts))
	}
	f := &fleet{context: context, hosts: make(map[string]*hostRecord)}
	for i, host := range hosts {
		if i < len(names) {
			host.Name = names[i]
			host.Summary.Config.Name = names[i]
		}
		if f.hosts[host.Name] != nil {
			return nil, fmt.Errorf("two hosts are called %q", host.Name)
		}
		record := &hostRecord{host: host, config: host.Config}
		// The simulator's template is a host with SSH switched off: nobody would ask it by ssh.
		if !setService(record, "TSM-SSH", true) {
			return nil, errors.New("the simulator's hosts have no TSM-SSH service")
		}
		f.names = append(f.names, host.Name)
		f.hosts[host.Name] = record
	}
	return f, nil
}

func hostsInOrder(context *simulator.Context) []*simulator.HostSystem {
	var hosts []*simulator.HostSystem
	for _, entity := range context.Map.All("HostSystem") {
		hosts = append(hosts, entity.(*simulator.HostSystem))
	}
	// Morefs are host-<counter>, and the counter only grows.
	number := func(h *simulator.HostSystem) int {
		n, _ := strconv.Atoi(h.Self.Value[strings.LastIndex(h.Self.Value, "-")+1:])
		return n
	}
	slices.SortFunc(hosts, func(a, b *simulator.HostSystem) int { return cmp.Compare(number(a), number(b)) })
	return hosts
}

func readNames(path string) ([]string, error) {
	if path == "" {
		return nil, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return strings.Fields(string(text)), nil
}

// request gives each control request a context of its own: the simulator's locks are reentrant per context.
func (f *fleet) request() *simulator.Context {
	context := *f.context
	return &context
}

// notResponding is what vCenter shows of a host whose hostd has died: the state, and no config.
func (f *fleet) notResponding(record *hostRecord) {
	f.request().AutoUpdate(record.host, func() {
		record.host.Runtime.ConnectionState = types.HostSystemConnectionStateNotResponding
		record.host.Config = nil
	})
}

func (f *fleet) connected(record *hostRecord) {
	f.request().AutoUpdate(record.host, func() {
		record.host.Runtime.ConnectionState = types.HostSystemConnectionStateConnected
		record.host.Config = record.config
	})
}

func (f *fleet) overallStatus(record *hostRecord, status types.ManagedEntityStatus) {
	f.request().AutoUpdate(record.host, func() {
		record.host.OverallStatus = status
		record.host.Summary.OverallStatus = status
	})
}

func (f *fleet) lockdown(record *hostRecord, mode types.HostLockdownMode) {
	f.request().AutoUpdate(record.host, func() { record.config.LockdownMode = mode })
}

// service sets what config.service says of one service; false when the host has none of that key.
func (f *fleet) service(record *hostRecord, key string, running bool) (found bool) {
	f.request().AutoUpdate(record.host, func() { found = setService(record, key, running) })
	return found
}

// option sets one of the host's advanced settings, which the simulator's hosts lack where ESXi has them.
func (f *fleet) option(record *hostRecord, key string, value int64) {
	f.request().AutoUpdate(record.host, func() {
		// AutoUpdate leaves a copy in the host.
		if record.host.Config != nil {
			record.config = record.host.Config
		}
		others := slices.DeleteFunc(slices.Clone(record.config.Option), func(option types.BaseOptionValue) bool {
			return option.GetOptionValue().Key == key
		})
		record.config.Option = append(others, &types.OptionValue{Key: key, Value: value})
	})
}

func setService(record *hostRecord, key string, running bool) bool {
	services := record.config.Service.Service
	for i := range services {
		if services[i].Key == key {
			services[i].Running = running
			return true
		}
	}
	return false
}

// remove takes the host out of its cluster and the inventory. The simulator's own Destroy_Task knows only hosts
// below a folder and would leave the cluster with a dangling reference.
func (f *fleet) remove(record *hostRecord) {
	context, self := f.request(), record.host.Self
	cluster := context.Map.Get(*record.host.Parent).(*simulator.ClusterComputeResource)
	context.AutoUpdate(cluster, func() {
		cluster.Host = slices.DeleteFunc(slices.Clone(cluster.Host), func(ref types.ManagedObjectReference) bool {
			return ref == self
		})
	})
	context.Map.Remove(context, self)
	delete(f.hosts, record.host.Name)
}

// openSessions counts logins and clone tickets that are not yet used, of clients whose User-Agent begins so.
func (f *fleet) openSessions(agent string) (open int) {
	view := simulator.Session{Registry: simulator.NewRegistry(), Map: f.context.Map}
	manager := view.Get(f.context.Map.SessionManager().Self).(*simulator.SessionManager)
	for _, session := range manager.SessionList {
		if strings.HasPrefix(session.UserAgent, agent) {
			open++
		}
	}
	return open
}
