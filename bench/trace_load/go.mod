module gopsy.dev/trace_load

go 1.19
