package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"sync"

	"github.com/vmware/govmomi/vim25/types"
)

// change is what one POST does to one host; its error is the caller's mistake.
type change func(f *fleet, record *hostRecord, r *http.Request) error

var changes = map[string]change{
	"/host/{name}/not-responding":          func(f *fleet, h *hostRecord, _ *http.Request) error { f.notResponding(h); return nil },
	"/host/{name}/connected":               func(f *fleet, h *hostRecord, _ *http.Request) error { f.connected(h); return nil },
	"/host/{name}/remove":                  func(f *fleet, h *hostRecord, _ *http.Request) error { f.remove(h); return nil },
	"/host/{name}/overall-status/{status}": changeOverallStatus,
	"/host/{name}/lockdown/{mode}":         changeLockdown,
	"/host/{name}/service/{key}/{state}":   changeService,
	"/host/{name}/alarm":                   func(f *fleet, h *hostRecord, _ *http.Request) error { return f.alarm(h) },
	"/host/{name}/option/{key}/{value}":    changeOption,
}

// counting counts the HTTP requests that the simulator is asked, whoever asks.
func (f *fleet) counting(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.requests.Add(1)
		next.ServeHTTP(w, r)
	})
}

// handler is the control endpoint: the changes by POST, GET /sessions and GET /requests.
func (f *fleet) handler() http.Handler {
	mux := http.NewServeMux()
	var changing sync.Mutex
	for pattern, apply := range changes {
		mux.HandleFunc("POST "+pattern, func(w http.ResponseWriter, r *http.Request) {
			changing.Lock()
			defer changing.Unlock()
			record := f.hosts[r.PathValue("name")]
			if record == nil {
				http.Error(w, fmt.Sprintf("no host %q", r.PathValue("name")), http.StatusNotFound)
				return
			}
			if err := apply(f, record, r); err != nil {
				http.Error(w, err.Error(), http.StatusBadRequest)
				return
			}
			w.WriteHeader(http.StatusNoContent)
		})
	}
	mux.HandleFunc("GET /sessions", func(w http.ResponseWriter, r *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]int{"open": f.openSessions(r.FormValue("agent"))})
	})
	mux.HandleFunc("GET /requests", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]int64{"asked": f.requests.Load()})
	})
	return mux
}

func changeOverallStatus(f *fleet, record *hostRecord, r *http.Request) error {
	status := types.ManagedEntityStatus(r.PathValue("status"))
	if !slices.Contains(status.Values(), status) {
		return fmt.Errorf("no overallStatus %q, only %v", status, status.Values())
	}
	f.overallStatus(record, status)
	return nil
}

func changeLockdown(f *fleet, record *hostRecord, r *http.Request) error {
	mode := types.HostLockdownMode(r.PathValue("mode"))
	if !slices.Contains(mode.Values(), mode) {
		return fmt.Errorf("no lockdownMode %q, only %v", mode, mode.Values())
	}
	f.lockdown(record, mode)
	return nil
}

func changeService(f *fleet, record *hostRecord, r *http.Request) error {
	key, state := r.PathValue("key"), r.PathValue("state")
	if state != "running" && state != "stopped" {
		return fmt.Errorf("no service state %q, only running and stopped", state)
	}
	if !f.service(record, key, state == "running") {
		return fmt.Errorf("no service %q in config.service", key)
	}
	return nil
}

func changeOption(f *fleet, record *hostRecord, r *http.Request) error {
	value, err := strconv.ParseInt(r.PathValue("value"), 10, 64)
	if err != nil {
		return fmt.Errorf("no number: %w", err)
	}
	f.option(record, r.PathValue("key"), value)
	return nil
}
