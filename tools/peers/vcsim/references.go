package main

import (
	"reflect"

	"github.com/vmware/govmomi/vim25/types"
)

var referenceType = reflect.TypeOf(types.ManagedObjectReference{})

// eachReference finds references at any depth; vim25/mo has a function for those of a struct's own fields only.
func eachReference(value reflect.Value, found func(types.ManagedObjectReference)) {
	switch value.Kind() {
	case reflect.Ptr, reflect.Interface:
		if !value.IsNil() {
			eachReference(value.Elem(), found)
		}
	case reflect.Slice:
		for i := 0; i < value.Len(); i++ {
			eachReference(value.Index(i), found)
		}
	case reflect.Struct:
		if value.Type() == referenceType {
			found(value.Interface().(types.ManagedObjectReference))
			return
		}
		for i := 0; i < value.NumField(); i++ {
			if value.Type().Field(i).PkgPath == "" {
				eachReference(value.Field(i), found)
			}
		}
	}
}
