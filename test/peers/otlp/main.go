// Command otlp is the OTLP receiver of Prometheus 3 in front of another Prometheus: it takes requests at the path of
// Prometheus 3, turns them into series by Prometheus' own translator with the settings that are its default, and hands
// these on by remote write. So Debian's Prometheus 2.42 stores what a Prometheus 3 would, and answers queries; to build
// all of Prometheus 3 would take minutes. Two arguments: the address to listen on, and the url of remote write.
package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"os"

	"github.com/golang/snappy"
	"github.com/prometheus/prometheus/prompb"
	otlp "github.com/prometheus/prometheus/storage/remote/otlptranslator/prometheusremotewrite"
	"go.opentelemetry.io/collector/pdata/pmetric/pmetricotlp"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: otlp <address> <url of remote write>")
		os.Exit(2)
	}
	http.HandleFunc("GET /-/ready", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	http.HandleFunc("POST /api/v1/otlp/v1/metrics", func(w http.ResponseWriter, r *http.Request) {
		status, err := receive(r, os.Args[2])
		if err != nil {
			http.Error(w, err.Error(), status)
			return
		}
		w.WriteHeader(status)
	})
	fmt.Fprintln(os.Stderr, http.ListenAndServe(os.Args[1], nil))
	os.Exit(1)
}

// receive answers with the statuses of Prometheus 3.
func receive(r *http.Request, forward string) (int, error) {
	request, err := decode(r)
	if err != nil {
		return http.StatusBadRequest, err
	}
	converter := otlp.NewPrometheusConverter()
	if _, err := converter.FromMetrics(r.Context(), request.Metrics(), otlp.Settings{AddMetricSuffixes: true}); err != nil {
		return http.StatusInternalServerError, err
	}
	message := prompb.WriteRequest{Timeseries: converter.TimeSeries(), Metadata: converter.Metadata()}
	return write(r, forward, message)
}

func decode(r *http.Request) (pmetricotlp.ExportRequest, error) {
	request := pmetricotlp.NewExportRequest()
	if got := r.Header.Get("Content-Type"); got != "application/x-protobuf" {
		return request, fmt.Errorf("unsupported content type: %q", got)
	}
	body := io.Reader(r.Body)
	if r.Header.Get("Content-Encoding") == "gzip" {
		unpacked, err := gzip.NewReader(body)
		if err != nil {
			return request, err
		}
		body = unpacked
	}
	read, err := io.ReadAll(body)
	if err != nil {
		return request, err
	}
	return request, request.UnmarshalProto(read)
}

func write(r *http.Request, forward string, message prompb.WriteRequest) (int, error) {
	encoded, err := message.Marshal()
	if err != nil {
		return http.StatusInternalServerError, err
	}
	body := bytes.NewReader(snappy.Encode(nil, encoded))
	request, err := http.NewRequestWithContext(r.Context(), http.MethodPost, forward, body)
	if err != nil {
		return http.StatusInternalServerError, err
	}
	request.Header.Set("Content-Type", "application/x-protobuf")
	request.Header.Set("Content-Encoding", "snappy")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return http.StatusBadGateway, err
	}
	defer response.Body.Close()
	said, _ := io.ReadAll(response.Body)
	if response.StatusCode >= http.StatusMultipleChoices {
		return response.StatusCode, fmt.Errorf("%s", said)
	}
	return http.StatusOK, nil
}
