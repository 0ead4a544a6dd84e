// Programs of a user of the official Go SDK. The first argument chooses one; each prints JSON, and says how it ended.
//
//	methods               what the SDK offers: its client, its workflow client, its service
//	client                uses every block of its sidecar, and tells what each method gave
//	socket PATH           talks to its sidecar over a Unix socket
//	hear TOPIC            tells every event of a topic as it comes
//	edges                 many calls at once, large ones, and ones that their caller gives up
//	later                 tries what belongs to blocks that are not in service, and tells how it is refused
//	app http|grpc PORT    an application that tells everything that reaches it, a JSON object a line
//	keep http|stream PORT an application that hosts actors
//	cats calls|below      calls those actors by stubs; uses the client's methods for actors, by the name of each
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"reflect"

	"github.com/dapr/durabletask-go/workflow"
	dapr "github.com/dapr/go-sdk/client"
	"github.com/dapr/go-sdk/service/common"
)

// Found is what a program tells at its end, by the name of the method that was used.
type Found map[string]any

func main() {
	dapr.SetLogger(nil)
	var told any
	var err error
	switch os.Args[1] {
	case "methods":
		told = methods()
	case "client":
		told, err = useEverything(context.Background())
	case "socket":
		told, err = useSocket(context.Background(), os.Args[2])
	case "hear":
		err = hear(context.Background(), os.Args[2])
	case "edges":
		told, err = goToTheEdges(context.Background())
	case "later":
		told, err = tryWhatComesLater(context.Background())
	case "app":
		err = runApplication(os.Args[2], os.Args[3])
	case "keep":
		err = keepCats(os.Args[2], os.Args[3])
	case "cats":
		use := map[string]func(context.Context) (Found, error){"calls": callCats, "below": useBelow}[os.Args[2]]
		told, err = use(context.Background())
	default:
		err = fmt.Errorf("no program %q", os.Args[1])
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if told != nil {
		tell(told)
	}
}

func tell(what any) {
	line, err := json.Marshal(what)
	if err != nil {
		panic(err)
	}
	fmt.Println(string(line))
}

func methods() map[string][]string {
	found := map[string][]string{}
	for name, kind := range map[string]reflect.Type{
		"client":   reflect.TypeFor[dapr.Client](),
		"workflow": reflect.TypeFor[*workflow.Client](),
		"service":  reflect.TypeFor[common.Service](),
	} {
		for i := range kind.NumMethod() {
			found[name] = append(found[name], kind.Method(i).Name)
		}
	}
	return found
}

// refusal is what a call refuses with.
func refusal(err error) string {
	if err == nil {
		return "none: it worked"
	}
	return err.Error()
}

// must ends the program: what comes after a failure would mean nothing.
func must[T any](value T, err error) T {
	check(err)
	return value
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
