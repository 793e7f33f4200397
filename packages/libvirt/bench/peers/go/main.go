// go-libvirt's side of the comparison: peer SOCKET URI CASE COUNT prints one JSON object.
package main

import (
	"encoding/json"
	"log"
	"net"
	"os"
	"strconv"
	"sync"
	"syscall"
	"time"

	libvirt "github.com/digitalocean/go-libvirt"
)

func sequential(l *libvirt.Libvirt, domain libvirt.Domain, count int) {
	for i := 0; i < count; i++ {
		if _, _, _, _, _, err := l.DomainGetInfo(domain); err != nil {
			log.Fatal(err)
		}
	}
}

func parallel(l *libvirt.Libvirt, domain libvirt.Domain, count int) {
	var group sync.WaitGroup
	for i := 0; i < 64; i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			sequential(l, domain, count/64)
		}()
	}
	group.Wait()
}

func cpu() float64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		log.Fatal(err)
	}
	return float64(usage.Utime.Nano()+usage.Stime.Nano()) / 1e9
}

func main() {
	socket, uri, name := os.Args[1], os.Args[2], os.Args[3]
	count, err := strconv.Atoi(os.Args[4])
	if err != nil {
		log.Fatal(err)
	}
	connection, err := net.Dial("unix", socket)
	if err != nil {
		log.Fatal(err)
	}
	l := libvirt.New(connection)
	if err := l.ConnectToURI(libvirt.ConnectURI(uri)); err != nil {
		log.Fatal(err)
	}
	domains, _, err := l.ConnectListAllDomains(1, 0)
	if err != nil {
		log.Fatal(err)
	}
	run := map[string]func(*libvirt.Libvirt, libvirt.Domain, int){"sequential": sequential, "parallel": parallel}[name]
	// The other clients warm up in the same way.
	sequential(l, domains[0], 4000)
	before, start := cpu(), time.Now()
	run(l, domains[0], count)
	result := map[string]float64{"seconds": time.Since(start).Seconds(), "cpu": cpu() - before}
	if err := json.NewEncoder(os.Stdout).Encode(result); err != nil {
		log.Fatal(err)
	}
}
