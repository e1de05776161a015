// A client of remote write 1.0 with the packages of Prometheus itself, for the benchmark: it builds the requests as
// storage/remote/queue_manager.go does (prompb, snappy), and signs them as AWS wants it. Prints what each round took, in
// seconds. The series are so many machines, each with so many metrics, as bench/groups/remote-write.ts makes them.
package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/golang/snappy"
	"github.com/prometheus/prometheus/prompb"
)

type machine struct{ labels []prompb.Label }

func number(index int) int {
	value, err := strconv.Atoi(os.Args[index])
	if err != nil {
		panic(err)
	}
	return value
}

// The labels in the order of their names, without that of the metric, which comes first.
func machines(count int) []machine {
	made := make([]machine, count)
	for i := range made {
		made[i].labels = []prompb.Label{
			{Name: "cluster_name", Value: fmt.Sprintf("cluster-%d", i%9)},
			{Name: "dc_name", Value: "dc1"},
			{Name: "ds_name", Value: fmt.Sprintf("ds-%d", i%31)},
			{Name: "host_name", Value: fmt.Sprintf("esx%d.example.org", i%97)},
			{Name: "instance", Value: "vc01.example.org"},
			{Name: "job", Value: "vsweep_inventory"},
			{Name: "vm_name", Value: fmt.Sprintf("vm-%d-app-%d.example.org", i, i%17)},
		}
	}
	return made
}

// sign does the work of Signature Version 4: a digest of the body, and a chain of keys.
func sign(body []byte) string {
	digest := sha256.Sum256(body)
	key := []byte("AWS4secret")
	for _, part := range []string{"20261129", "eu-central-1", "aps", "aws4_request", hex.EncodeToString(digest[:])} {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(part))
		key = mac.Sum(nil)
	}
	return hex.EncodeToString(key)
}

func main() {
	all, metrics, perRequest, rounds := machines(number(1)), number(2), number(3), number(4)
	now := time.Now().UnixMilli()
	for round := 0; round < rounds; round++ {
		start := time.Now()
		pending := make([]prompb.TimeSeries, 0, perRequest)
		samples, bytes := 0, 0
		var buffer, packed []byte
		send := func() {
			request := &prompb.WriteRequest{Timeseries: pending}
			size := request.Size()
			if cap(buffer) < size {
				buffer = make([]byte, size)
			}
			length, err := request.MarshalToSizedBuffer(buffer[:size])
			if err != nil {
				panic(err)
			}
			packed = snappy.Encode(packed[:cap(packed)], buffer[size-length:size])
			sign(packed)
			samples += len(pending)
			bytes += len(packed)
			pending = pending[:0]
		}
		for metric := 0; metric < metrics; metric++ {
			name := prompb.Label{Name: "__name__", Value: fmt.Sprintf("vmware_vm_metric_%d_average", metric)}
			for i, one := range all {
				labels := append(make([]prompb.Label, 0, len(one.labels)+1), name)
				labels = append(labels, one.labels...)
				value := float64((i*7919*(metric+1))%100000) / 8
				pending = append(pending, prompb.TimeSeries{
					Labels:  labels,
					Samples: []prompb.Sample{{Value: value, Timestamp: now}},
				})
				if len(pending) == perRequest {
					send()
				}
			}
		}
		if len(pending) > 0 {
			send()
		}
		fmt.Printf("{\"seconds\":%f,\"samples\":%d,\"bytes\":%d}\n", time.Since(start).Seconds(), samples, bytes)
	}
}
