module vsweep-remote-write

go 1.25.0

require (
	github.com/golang/snappy v0.0.4
	github.com/prometheus/prometheus v0.42.0
)

require github.com/gogo/protobuf v1.3.2 // indirect
