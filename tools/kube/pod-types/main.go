// Prints the server's internal types of a pod's spec, one line each, as src/drivers/sim/api-server/internal-pod-types.json
// has them: `GoName jsonName type`, where `*` is a pointer, `[` a list, `{` a map, `=` an embedded type and `json` a type that
// is printed as it is sent. Run in tools/kube: `go run ./pod-types`.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"strings"

	"k8s.io/api/core/v1"
	"k8s.io/kubernetes/pkg/apis/core"
)

var sent = map[string]reflect.Type{}
var lines = map[string]string{}

func main() {
	collectSent(reflect.TypeOf(v1.PodSpec{}))
	describe(reflect.TypeOf(core.PodSpec{}))
	text, err := json.MarshalIndent(lines, "", "  ")
	if err != nil {
		panic(err)
	}
	fmt.Fprintln(os.Stdout, string(text))
}

func collectSent(t reflect.Type) {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		collectSent(t.Elem())
	case reflect.Struct:
		if _, known := sent[t.Name()]; known || t.PkgPath() != "k8s.io/api/core/v1" {
			return
		}
		sent[t.Name()] = t
		for field := range t.NumField() {
			collectSent(t.Field(field).Type)
		}
	}
}

func describe(t reflect.Type) {
	if _, known := lines[t.Name()]; known {
		return
	}
	lines[t.Name()] = ""
	var fields []string
	for index := range t.NumField() {
		field := t.Field(index)
		if field.Anonymous {
			fields = append(fields, "= "+typeText(field.Type))
		} else {
			fields = append(fields, fmt.Sprintf("%s %s %s", field.Name, jsonName(sent[t.Name()], field.Name), typeText(field.Type)))
		}
	}
	lines[t.Name()] = strings.Join(fields, "; ")
}

// jsonName is `-` for what stands elsewhere in the sent type.
func jsonName(t reflect.Type, name string) string {
	if t == nil {
		return "-"
	}
	for index := range t.NumField() {
		field := t.Field(index)
		if field.Name == name {
			return strings.Split(field.Tag.Get("json"), ",")[0]
		}
		if field.Anonymous {
			if found := jsonName(field.Type, name); found != "-" {
				return found
			}
		}
	}
	return "-"
}

func typeText(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Pointer:
		return "*" + typeText(t.Elem())
	case reflect.Slice:
		return "[" + typeText(t.Elem())
	case reflect.Map:
		return "{" + typeText(t.Elem())
	case reflect.Struct:
		if t.PkgPath() != "k8s.io/kubernetes/pkg/apis/core" {
			return "json"
		}
		describe(t)
		return t.Name()
	case reflect.String:
		return "string"
	case reflect.Bool:
		return "bool"
	default:
		return "number"
	}
}
