// Lists all machines again and again with govmomi: main URL ROUNDS PATHS, password and authority in the environment.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"syscall"
	"time"

	"github.com/vmware/govmomi"
	"github.com/vmware/govmomi/session"
	"github.com/vmware/govmomi/view"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
)

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func main() {
	ctx := context.Background()
	address, err := soap.ParseURL(os.Args[1])
	must(err)
	address.User = url.UserPassword(os.Getenv("VSPHERE_USER"), os.Getenv("VSPHERE_PASSWORD"))
	rounds, err := strconv.Atoi(os.Args[2])
	must(err)
	text, err := os.ReadFile(os.Args[3])
	must(err)
	var paths []string
	must(json.Unmarshal(text, &paths))
	transport := soap.NewClient(address, false)
	must(transport.SetRootCAs(os.Getenv("VSPHERE_CA")))
	vim, err := vim25.NewClient(ctx, transport)
	must(err)
	client := &govmomi.Client{Client: vim, SessionManager: session.NewManager(vim)}
	must(client.Login(ctx, address.User))
	milliseconds := []float64{}
	count := 0
	for round := 0; round < rounds; round++ {
		start := time.Now()
		listed, err := view.NewManager(vim).CreateContainerView(ctx, vim.ServiceContent.RootFolder, []string{"VirtualMachine"}, true)
		must(err)
		var machines []mo.VirtualMachine
		must(listed.Retrieve(ctx, []string{"VirtualMachine"}, paths, &machines))
		must(listed.Destroy(ctx))
		milliseconds = append(milliseconds, float64(time.Since(start).Microseconds())/1000)
		count = len(machines)
	}
	must(client.Logout(ctx))
	var usage syscall.Rusage
	must(syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	seconds := func(t syscall.Timeval) float64 { return float64(t.Sec) + float64(t.Usec)/1e6 }
	answer, err := json.Marshal(map[string]any{
		"milliseconds": milliseconds, "count": count, "rss": usage.Maxrss * 1024,
		"cpu": seconds(usage.Utime) + seconds(usage.Stime),
	})
	must(err)
	fmt.Println(string(answer))
}
