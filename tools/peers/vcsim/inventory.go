package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"

	"github.com/vmware/govmomi"
	"github.com/vmware/govmomi/property"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
	"github.com/vmware/govmomi/vim25/xml"
)

// What belongs to a session ends with it.
var ofSessions = map[string]bool{
	"ContainerView": true, "ListView": true, "PropertyFilter": true, "HttpNfcLease": true,
	"EventHistoryCollector": true, "TaskHistoryCollector": true,
}

// mendFile has what simulator.Model.Load does not do right.
const mendFile = "mend.json"

type mend struct {
	// Where the files of each datastore are. Load makes new directories for them.
	Datastores map[string]string
	// Load makes objects without methods of them.
	Snapshots []types.ManagedObjectReference
}

// save writes every object that can be reached from the service instance, in the format that simulator.Model.Load reads.
func save(m *simulator.Model, server *simulator.Server, directory string) error {
	ctx := context.Background()
	client, err := govmomi.NewClient(ctx, server.URL, true)
	if err != nil {
		return err
	}
	defer func() { _ = client.Logout(ctx) }()
	if err := os.MkdirAll(directory, 0o700); err != nil {
		return err
	}
	return writeReachable(ctx, client.Client, directory)
}

func writeReachable(ctx context.Context, client *vim25.Client, directory string) error {
	todo := mend{Datastores: map[string]string{}}
	queue := []types.ManagedObjectReference{vim25.ServiceInstance}
	seen := map[types.ManagedObjectReference]bool{vim25.ServiceInstance: true}
	for n := 0; n < len(queue); n++ {
		content, err := properties(ctx, client, queue[n])
		if err != nil {
			return err
		}
		if content == nil {
			continue
		}
		file := filepath.Join(directory, fmt.Sprintf("%07d-%s.xml", n, content.Obj.Type))
		if err := write(file, content); err != nil {
			return err
		}
		if content.Obj.Type == "VirtualMachineSnapshot" {
			todo.Snapshots = append(todo.Snapshots, content.Obj)
		}
		for _, changed := range content.PropSet {
			if summary, ok := changed.Val.(types.DatastoreSummary); ok {
				todo.Datastores[content.Obj.Value] = summary.Url
			}
			eachReference(reflect.ValueOf(changed.Val), func(ref types.ManagedObjectReference) {
				if !seen[ref] && !ofSessions[ref.Type] {
					seen[ref] = true
					queue = append(queue, ref)
				}
			})
		}
	}
	text, err := json.Marshal(todo)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(directory, mendFile), text, 0o600)
}

// properties answers nil for what the simulator only names. Managers without any property are there all the same.
func properties(ctx context.Context, c *vim25.Client, ref types.ManagedObjectReference) (*types.ObjectContent, error) {
	spec := types.PropertySpec{Type: ref.Type, All: types.NewBool(true)}
	if ref == vim25.ServiceInstance {
		spec.All, spec.PathSet = nil, []string{"content"}
	}
	response, err := property.DefaultCollector(c).RetrieveProperties(ctx, types.RetrieveProperties{
		SpecSet: []types.PropertyFilterSpec{{
			ObjectSet: []types.ObjectSpec{{Obj: ref}},
			PropSet:   []types.PropertySpec{spec},
		}},
	})
	if soap.IsSoapFault(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", ref, err)
	}
	if len(response.Returnval) == 0 {
		return nil, nil
	}
	content := response.Returnval[0]
	content.MissingSet = nil
	return &content, nil
}

func write(file string, content *types.ObjectContent) error {
	var text strings.Builder
	if err := xml.NewEncoder(&text).Encode(content); err != nil {
		return err
	}
	return os.WriteFile(file, []byte(text.String()), 0o600)
}

// load reads what save wrote.
func load(m *simulator.Model, directory string) error {
	if err := m.Load(directory); err != nil {
		return err
	}
	text, err := os.ReadFile(filepath.Join(directory, mendFile))
	if err != nil {
		return err
	}
	var todo mend
	if err := json.Unmarshal(text, &todo); err != nil {
		return err
	}
	for value, folder := range todo.Datastores {
		ref := types.ManagedObjectReference{Type: "Datastore", Value: value}
		datastore, ok := registry(m).Get(ref).(*simulator.Datastore)
		if !ok {
			return errors.New(value + " was saved and is not there")
		}
		// Empty and new.
		_ = os.Remove(datastore.Summary.Url)
		datastore.Info.GetDatastoreInfo().Url = folder
		datastore.Summary.Url = folder
	}
	for _, ref := range todo.Snapshots {
		if snapshot, ok := registry(m).Get(ref).(*mo.VirtualMachineSnapshot); ok {
			registry(m).Put(&simulator.VirtualMachineSnapshot{VirtualMachineSnapshot: *snapshot})
		}
	}
	return nil
}
