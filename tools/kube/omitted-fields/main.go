// Prints the fields of Kubernetes' types that are left out when they hold nothing (`omitempty` on what is no pointer), one line
// for each type, as src/drivers/sim/api-server/omitted-fields.json has them. Run in tools/kube: `go run ./omitted-fields`.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"strings"

	apps "k8s.io/api/apps/v1"
	batch "k8s.io/api/batch/v1"
	coordination "k8s.io/api/coordination/v1"
	core "k8s.io/api/core/v1"
	policy "k8s.io/api/policy/v1"
	rbac "k8s.io/api/rbac/v1"
	scheduling "k8s.io/api/scheduling/v1"
	storage "k8s.io/api/storage/v1"
	extensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
)

var lines = map[string]string{}

func main() {
	for _, kind := range []any{
		core.ConfigMap{}, core.Endpoints{}, core.Event{}, core.LimitRange{}, core.Namespace{}, core.Node{},
		core.PersistentVolume{}, core.PersistentVolumeClaim{}, core.Pod{}, core.ResourceQuota{}, core.Secret{},
		core.Service{}, core.ServiceAccount{}, apps.DaemonSet{}, apps.Deployment{}, apps.ReplicaSet{}, apps.StatefulSet{},
		batch.Job{}, coordination.Lease{}, policy.PodDisruptionBudget{}, rbac.ClusterRole{}, rbac.ClusterRoleBinding{},
		rbac.Role{}, rbac.RoleBinding{}, scheduling.PriorityClass{}, storage.CSIDriver{}, storage.CSINode{},
		storage.StorageClass{}, storage.VolumeAttachment{}, extensions.CustomResourceDefinition{},
	} {
		describe(reflect.TypeOf(kind))
	}
	for name, line := range lines {
		if line == "" {
			delete(lines, name)
		}
	}
	text, err := json.MarshalIndent(lines, "", "  ")
	if err != nil {
		panic(err)
	}
	fmt.Fprintln(os.Stdout, string(text))
}

func describe(t reflect.Type) {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		describe(t.Elem())
	case reflect.Struct:
		if _, known := lines[t.Name()]; known || !strings.HasPrefix(t.PkgPath(), "k8s.io/") {
			return
		}
		lines[t.Name()] = ""
		lines[t.Name()] = strings.Join(omitted(t), " ")
	}
}

func omitted(t reflect.Type) []string {
	var fields []string
	for index := range t.NumField() {
		field := t.Field(index)
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		if strings.Contains(options, "inline") {
			fields = append(fields, omitted(field.Type)...)
			continue
		}
		describe(field.Type)
		switch field.Type.Kind() {
		case reflect.Pointer, reflect.Struct, reflect.Interface:
		default:
			if name != "" && strings.Contains(options, "omitempty") {
				fields = append(fields, name)
			}
		}
	}
	return fields
}
