module bench

go 1.25

require github.com/vmware/govmomi v0.54.0
