//go:build debian

package main

import (
	"time"

	"github.com/vmware/govmomi/simulator"

	_ "github.com/vmware/govmomi/cns/simulator"
	_ "github.com/vmware/govmomi/lookup/simulator"
	_ "github.com/vmware/govmomi/pbm/simulator"
	_ "github.com/vmware/govmomi/sts/simulator"
	_ "github.com/vmware/govmomi/vapi/cluster/simulator"
	_ "github.com/vmware/govmomi/vapi/simulator"
)

func registry(*simulator.Model) *simulator.Registry { return simulator.Map }

func expireSessions(_ *simulator.Model, idle time.Duration) { simulator.SessionIdleTimeout = idle }
