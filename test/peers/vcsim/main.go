// Command vcsim is the simulated vCenter of vsweep's peer tests: govmomi's simulator with the fleet, the names and
// the credentials of the test, and a control port through which the test changes hosts while it runs.
//
// It prints one JSON line when it is ready and ends on SIGTERM, or when standard input closes, so that it never
// outlives the test that started it.
package main

import (
	"crypto/sha256"
	"crypto/tls"
	"encoding/json"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/vmware/govmomi/simulator"
)

type options struct {
	listen, control      string
	user, password       string
	names, certOut       string
	dc, cluster, perHost int
	maxQueryMetrics      int
	machines             int
	estate               bool
}

// ready is the line that tells the test where everything is.
type ready struct {
	URL     string   `json:"url"`
	SHA256  string   `json:"sha256"`
	Control string   `json:"control"`
	Hosts   []string `json:"hosts"`
}

func parseFlags() options {
	var o options
	flag.StringVar(&o.listen, "listen", "127.0.0.1:0", "address of the SOAP endpoint")
	flag.StringVar(&o.control, "control", "127.0.0.1:0", "address of the control endpoint")
	flag.StringVar(&o.user, "user", "administrator@vsphere.local", "the only user that may log in")
	flag.StringVar(&o.password, "password", "", "its password")
	flag.StringVar(&o.names, "names", "", "file with one host name a line, given to the hosts in order")
	flag.StringVar(&o.certOut, "cert-out", "", "file to write the certificate to, as PEM")
	flag.IntVar(&o.dc, "dc", 1, "datacenters")
	flag.IntVar(&o.cluster, "cluster", 1, "clusters per datacenter")
	flag.IntVar(&o.perHost, "host", 3, "hosts per cluster")
	flag.IntVar(&o.maxQueryMetrics, "max-query-metrics", 256, "config.vpxd.stats.maxQueryMetrics, -1 for no limit")
	flag.IntVar(&o.machines, "vm", 0, "virtual machines per cluster")
	flag.BoolVar(&o.estate, "estate", false, "an inventory with some of everything, in the states that collectors tell apart")
	flag.Parse()
	return o
}

func main() {
	if err := run(parseFlags()); err != nil {
		fmt.Fprintln(os.Stderr, "vcsim:", err)
		os.Exit(1)
	}
}

func run(o options) error {
	if o.password == "" {
		return errors.New("-password is needed: without one the simulator takes any")
	}
	model := simulator.VPX()
	model.Datacenter, model.Cluster, model.ClusterHost = o.dc, o.cluster, o.perHost
	model.Host, model.Machine, model.Portgroup = 0, o.machines, 0
	// QueryAvailablePerfMetric never answers for a host without a datastore.
	model.Datastore = 1
	if o.estate {
		addEstate(model)
	}
	defer model.Remove()
	if err := model.Create(); err != nil {
		return fmt.Errorf("building the inventory: %w", err)
	}
	fillPerformanceGaps(model.Service.Context, o.maxQueryMetrics, o.estate)
	fillGuestGaps(model.Service.Context)
	fleet, err := newFleet(model.Service.Context, o.names)
	if err != nil {
		return err
	}
	if o.estate {
		if err := fillEstate(model.Service.Context); err != nil {
			return fmt.Errorf("filling the inventory: %w", err)
		}
	}

	model.Service.TLS = new(tls.Config)
	model.Service.RegisterEndpoints = true
	model.Service.Listen = &url.URL{Host: o.listen, User: url.UserPassword(o.user, o.password)}
	server := model.Service.NewServer()
	defer server.CloseClientConnections()
	if o.estate {
		if err := fillTags(model, server.URL); err != nil {
			return fmt.Errorf("tags: %w", err)
		}
	}
	server.Config.Handler = fleet.counting(server.Config.Handler)
	certificate := server.Certificate()
	if o.certOut != "" {
		block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Raw})
		if err := os.WriteFile(o.certOut, block, 0o644); err != nil {
			return err
		}
	}

	listener, err := net.Listen("tcp", o.control)
	if err != nil {
		return fmt.Errorf("the control port: %w", err)
	}
	control := &http.Server{Handler: fleet.handler(), ReadHeaderTimeout: 5 * time.Second}
	go control.Serve(listener)
	defer control.Close()

	address := url.URL{Scheme: "https", Host: server.URL.Host, Path: server.URL.Path}
	line := ready{
		URL:     address.String(),
		SHA256:  pin(certificate.Raw),
		Control: "http://" + listener.Addr().String(),
		Hosts:   fleet.names,
	}
	if err := json.NewEncoder(os.Stdout).Encode(line); err != nil {
		return err
	}
	waitForEnd()
	return nil
}

// pin writes a certificate's SHA-256 as vSphere shows thumbprints: AB:CD:…
func pin(der []byte) string {
	sum := sha256.Sum256(der)
	parts := make([]string, len(sum))
	for i, b := range sum {
		parts[i] = fmt.Sprintf("%02X", b)
	}
	return strings.Join(parts, ":")
}

func waitForEnd() {
	end := make(chan os.Signal, 1)
	signal.Notify(end, syscall.SIGTERM, os.Interrupt)
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		end <- syscall.SIGTERM
	}()
	<-end
}
