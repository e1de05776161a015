// Command govmomi is a peer of the bench: it reads one kind of object of a vCenter by govmomi's own container view
// and typed retrieval, as `govc` does. One argument, a RetrievalOrder in JSON; prints the time, this process's CPU and
// its peak memory. What is measured is view and retrieval, without the login.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"syscall"
	"time"

	"github.com/vmware/govmomi"
	"github.com/vmware/govmomi/view"
	"github.com/vmware/govmomi/vim25/mo"
)

type order struct {
	URL      string   `json:"url"`
	Username string   `json:"username"`
	Password string   `json:"password"`
	Type     string   `json:"type"`
	Paths    []string `json:"paths"`
	Objects  int      `json:"objects"`
}

type measured struct {
	Ms    float64 `json:"ms"`
	CPUMs float64 `json:"cpuMs"`
	RSSMB float64 `json:"rssMb"`
}

func main() {
	if err := run(context.Background(), os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "govmomi:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, argument string) error {
	var o order
	if err := json.Unmarshal([]byte(argument), &o); err != nil {
		return err
	}
	address, err := url.Parse(o.URL)
	if err != nil {
		return err
	}
	address.User = url.UserPassword(o.Username, o.Password)
	client, err := govmomi.NewClient(ctx, address, true)
	if err != nil {
		return err
	}
	defer client.Logout(ctx)
	cpuBefore, _ := usage()
	started := time.Now()
	count, err := retrieve(ctx, client, o)
	if err != nil {
		return err
	}
	elapsed := time.Since(started)
	cpu, peak := usage()
	if count != o.Objects {
		return fmt.Errorf("%d objects instead of %d", count, o.Objects)
	}
	return json.NewEncoder(os.Stdout).Encode(measured{
		Ms: milliseconds(elapsed), CPUMs: milliseconds(cpu - cpuBefore), RSSMB: peak,
	})
}

func retrieve(ctx context.Context, client *govmomi.Client, o order) (int, error) {
	manager := view.NewManager(client.Client)
	members, err := manager.CreateContainerView(ctx, client.ServiceContent.RootFolder, []string{o.Type}, true)
	if err != nil {
		return 0, err
	}
	defer members.Destroy(ctx)
	kinds := []string{o.Type}
	switch o.Type {
	case "HostSystem":
		var hosts []mo.HostSystem
		err = members.Retrieve(ctx, kinds, o.Paths, &hosts)
		return len(hosts), err
	case "VirtualMachine":
		var machines []mo.VirtualMachine
		err = members.Retrieve(ctx, kinds, o.Paths, &machines)
		return len(machines), err
	}
	return 0, fmt.Errorf("no such type here: %s", o.Type)
}

// usage is the CPU of this process, user and system, and its peak memory in MB.
func usage() (cpu time.Duration, peakMB float64) {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0, 0
	}
	// Linux counts ru_maxrss in KiB.
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()), float64(u.Maxrss) / 1024
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
