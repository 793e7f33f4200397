//go:build debian

package main

import (
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"

	_ "github.com/vmware/govmomi/cns/simulator"
	_ "github.com/vmware/govmomi/lookup/simulator"
	_ "github.com/vmware/govmomi/pbm/simulator"
	_ "github.com/vmware/govmomi/sts/simulator"
	_ "github.com/vmware/govmomi/vapi/cluster/simulator"
	_ "github.com/vmware/govmomi/vapi/simulator"
)

func registry(*simulator.Model) *simulator.Registry { return simulator.Map }

func expireSessions(_ *simulator.Model, idle time.Duration) { simulator.SessionIdleTimeout = idle }

// complete mounts every datastore on all hosts that have it: this release remembers the last one only.
func complete(*simulator.Model) {
	for _, entity := range simulator.Map.All("HostSystem") {
		host, ok := entity.(*simulator.HostSystem)
		if !ok {
			continue
		}
		for _, ref := range host.Datastore {
			store, ok := simulator.Map.Get(ref).(*simulator.Datastore)
			if ok && len(store.Host) > 0 && !mounted(store, host.Self) {
				store.Host = append(store.Host, types.DatastoreHostMount{Key: host.Self, MountInfo: store.Host[0].MountInfo})
			}
		}
	}
}

func mounted(store *simulator.Datastore, host types.ManagedObjectReference) bool {
	for _, mount := range store.Host {
		if mount.Key == host {
			return true
		}
	}
	return false
}
