// A vCenter simulator for tests: govmomi's, with what its own command lacks. It expires idle sessions on either version,
// says where it listens in one line of JSON, saves its inventory on request, and ends with whoever started it.
package main

import (
	"bufio"
	"crypto/tls"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"net/url"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/vmware/govmomi/simulator"
)

const saveCommand = "save "

type settings struct {
	listen, username, cert, key, load, directory string
	idle                                         time.Duration
	esx                                          bool
}

func main() {
	log.SetFlags(0)
	s, m := parse()
	// Where the simulator makes the directories of its datastores.
	if err := os.Setenv("TMPDIR", s.directory); err != nil || s.directory == "" {
		log.Fatal("-directory is missing: ", err)
	}
	if err := fill(m, s); err != nil {
		log.Fatal(err)
	}
	complete(m)
	expireSessions(m, s.idle)
	m.Service.RegisterEndpoints = true
	m.Service.Listen = &url.URL{Host: s.listen}
	if s.username != "" {
		// Not an argument, which every account of the machine can read.
		m.Service.Listen.User = url.UserPassword(s.username, os.Getenv("VCSIM_PASSWORD"))
	}
	if s.cert != "" {
		pair, err := tls.LoadX509KeyPair(s.cert, s.key)
		if err != nil {
			log.Fatal(err)
		}
		m.Service.TLS = &tls.Config{Certificates: []tls.Certificate{pair}}
	}
	server := m.Service.NewServer()
	address := *server.URL
	address.User = nil
	ready, _ := json.Marshal(map[string]string{"url": address.String()})
	fmt.Println(string(ready))
	serve(m, server)
	// The server is not closed, which would wait for calls that wait for changes.
	if err := os.RemoveAll(s.directory); err != nil {
		log.Fatal(err)
	}
}

func parse() (settings, *simulator.Model) {
	var s settings
	m := simulator.VPX()
	for _, argument := range os.Args[1:] {
		if argument == "-esx" {
			m = simulator.ESX()
		}
	}
	flag.BoolVar(&s.esx, "esx", false, "one ESXi host without a vCenter")
	flag.IntVar(&m.Datacenter, "dc", m.Datacenter, "datacenters")
	flag.IntVar(&m.Cluster, "cluster", m.Cluster, "clusters per datacenter")
	flag.IntVar(&m.ClusterHost, "host", m.ClusterHost, "hosts per cluster")
	flag.IntVar(&m.Host, "standalone-host", m.Host, "hosts outside of clusters per datacenter")
	flag.IntVar(&m.Machine, "vm", m.Machine, "virtual machines per resource pool")
	flag.IntVar(&m.Datastore, "ds", m.Datastore, "datastores")
	flag.IntVar(&m.Portgroup, "pg", m.Portgroup, "distributed port groups per datacenter")
	flag.BoolVar(&m.Autostart, "autostart", m.Autostart, "power on the machines")
	flag.IntVar(&m.DelayConfig.Delay, "delay", 0, "milliseconds that every call takes longer")
	flag.StringVar(&s.listen, "l", "127.0.0.1:0", "address to listen on")
	flag.StringVar(&s.username, "username", "", "who may log in, with $VCSIM_PASSWORD; anybody if empty")
	flag.StringVar(&s.cert, "tlscert", "", "PEM file of a certificate; TLS is used if given")
	flag.StringVar(&s.key, "tlskey", "", "PEM file of its key")
	flag.StringVar(&s.directory, "directory", "", "holds all that belongs to this simulator, and is removed at the end")
	flag.StringVar(&s.load, "load", "", "directory of a saved inventory")
	flag.DurationVar(&s.idle, "session-idle", 0, "expires sessions without calls for this long")
	flag.Parse()
	return s, m
}

// fill makes the inventory anew, or reads a saved one.
func fill(m *simulator.Model, s settings) error {
	if s.load == "" {
		return m.Create()
	}
	return load(m, s.load)
}

// serve obeys stdin until it ends, which it does with the process that holds its other end, or a signal comes.
func serve(m *simulator.Model, server *simulator.Server) {
	end := make(chan os.Signal, 1)
	signal.Notify(end, syscall.SIGINT, syscall.SIGTERM)
	go func() {
		input := bufio.NewScanner(os.Stdin)
		for input.Scan() {
			if line := input.Text(); strings.HasPrefix(line, saveCommand) {
				fmt.Println(answer(save(m, server, strings.TrimPrefix(line, saveCommand))))
			}
		}
		end <- syscall.SIGTERM
	}()
	<-end
}

func answer(err error) string {
	result := map[string]string{"saved": "yes"}
	if err != nil {
		result = map[string]string{"error": err.Error()}
	}
	line, _ := json.Marshal(result)
	return string(line)
}
