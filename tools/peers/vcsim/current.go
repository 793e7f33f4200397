//go:build !debian

package main

import (
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"

	_ "github.com/vmware/govmomi/cns/simulator"
	_ "github.com/vmware/govmomi/eam/simulator"
	_ "github.com/vmware/govmomi/lookup/simulator"
	_ "github.com/vmware/govmomi/pbm/simulator"
	_ "github.com/vmware/govmomi/sts/simulator"
	_ "github.com/vmware/govmomi/vapi/cis/tasks/simulator"
	_ "github.com/vmware/govmomi/vapi/cluster/simulator"
	_ "github.com/vmware/govmomi/vapi/simulator"
	_ "github.com/vmware/govmomi/vapi/vm/simulator"
	_ "github.com/vmware/govmomi/vsan/simulator"
	_ "github.com/vmware/govmomi/vslm/simulator"
)

func registry(m *simulator.Model) *simulator.Registry { return m.Map() }

func expireSessions(m *simulator.Model, idle time.Duration) {
	if idle == 0 {
		return
	}
	options := registry(m).OptionManager()
	options.Setting = append(options.Setting, &types.OptionValue{
		Key:   "config.vmacore.soap.sessionTimeout",
		Value: idle.String(),
	})
}

// complete has nothing to do: the inventory of this release is whole.
func complete(*simulator.Model) {}
