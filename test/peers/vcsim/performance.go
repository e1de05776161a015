package main

import (
	"fmt"
	"hash/crc32"
	"strconv"
	"strings"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

const (
	maxQueryMetricsKey = "config.vpxd.stats.maxQueryMetrics"
	realtimeSeconds    = 20
)

// performanceManager refuses what vCenter refuses and the simulator answers: entities that are not there, and
// historical queries beyond the limit that protects vCenter's database.
type performanceManager struct {
	simulator.PerformanceManager
	maxQueryMetrics int
	// steady gives every question the same values, so that two programs can be compared.
	steady bool
}

func fillPerformanceGaps(context *simulator.Context, maxQueryMetrics int, steady bool) {
	content := context.Map.Get(types.ManagedObjectReference{Type: "ServiceInstance", Value: "ServiceInstance"}).(*simulator.ServiceInstance).Content
	original := context.Map.Get(*content.PerfManager).(*simulator.PerformanceManager)
	original.HistoricalInterval = historicalIntervals()
	context.Map.Put(&performanceManager{PerformanceManager: *original, maxQueryMetrics: maxQueryMetrics, steady: steady})
	settings := context.Map.Get(*content.Setting).(*simulator.OptionManager)
	settings.Setting = append(settings.Setting, &types.OptionValue{
		Key:   maxQueryMetricsKey,
		Value: strconv.Itoa(maxQueryMetrics),
	})
}

// historicalIntervals are those of a new vCenter.
func historicalIntervals() []types.PerfInterval {
	const hour, day = 3_600, 86_400
	return []types.PerfInterval{
		{Key: 1, SamplingPeriod: 300, Name: "Past day", Length: day, Level: 1, Enabled: true},
		{Key: 2, SamplingPeriod: hour / 2, Name: "Past week", Length: 7 * day, Level: 1, Enabled: true},
		{Key: 3, SamplingPeriod: 2 * hour, Name: "Past month", Length: 30 * day, Level: 1, Enabled: true},
		{Key: 4, SamplingPeriod: day, Name: "Past year", Length: 365 * day, Level: 1, Enabled: true},
	}
}

func (m *performanceManager) QueryPerf(context *simulator.Context, request *types.QueryPerf) soap.HasFault {
	asked := 0
	for _, spec := range request.QuerySpec {
		if context.Map.Get(spec.Entity) == nil {
			return &methods.QueryPerfBody{Fault_: simulator.Fault("", &types.ManagedObjectNotFound{Obj: spec.Entity})}
		}
		if spec.IntervalId != realtimeSeconds {
			asked += len(spec.MetricId)
		}
	}
	if m.maxQueryMetrics >= 0 && asked > m.maxQueryMetrics {
		return &methods.QueryPerfBody{Fault_: simulator.Fault("", &types.RestrictedByAdministrator{
			Details: "vpxd.stats.maxQueryMetrics",
		})}
	}
	answer := m.PerformanceManager.QueryPerf(context, request)
	if body, ok := answer.(*methods.QueryPerfBody); ok && m.steady && body.Res != nil {
		for _, metrics := range body.Res.Returnval {
			makeSteady(metrics)
		}
	}
	return answer
}

// makeSteady replaces the values that the simulator makes up by ones that depend on the entity and the metric alone, in
// both forms of an answer. Some of machines are missing, which vSphere says by -1.
func makeSteady(metrics types.BasePerfEntityMetricBase) {
	value := func(entity types.ManagedObjectReference, id types.PerfMetricId) int64 {
		hash := crc32.ChecksumIEEE(fmt.Appendf(nil, "%s %d %s", entity.Value, id.CounterId, id.Instance))
		if entity.Type == "VirtualMachine" && hash%7 == 0 {
			return -1
		}
		return int64(hash % 10_000)
	}
	switch answer := metrics.(type) {
	case *types.PerfEntityMetric:
		for _, series := range answer.Value {
			ints := series.(*types.PerfMetricIntSeries)
			for i := range ints.Value {
				ints.Value[i] = value(answer.Entity, ints.Id)
			}
		}
	case *types.PerfEntityMetricCSV:
		for i := range answer.Value {
			series := &answer.Value[i]
			words := strings.Split(series.Value, ",")
			for j := range words {
				words[j] = strconv.FormatInt(value(answer.Entity, series.Id), 10)
			}
			series.Value = strings.Join(words, ",")
		}
	}
}
