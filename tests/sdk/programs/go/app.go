package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/dapr/go-sdk/service/common"
	sdkgrpc "github.com/dapr/go-sdk/service/grpc"
	sdkhttp "github.com/dapr/go-sdk/service/http"
	"google.golang.org/grpc/metadata"
)

const own = "bus"

// application is one that the SDK serves over HTTP or over gRPC; it hears and says the same over both.
type application struct {
	common.Service
	protocol string
}

func runApplication(protocol, port string) error {
	app := &application{protocol: protocol}
	address := net.JoinHostPort("127.0.0.1", port)
	if protocol == "http" {
		app.Service = sdkhttp.NewService(address)
	} else {
		app.Service = must(sdkgrpc.NewService(address))
	}
	app.subscribe()
	app.listen()
	check(app.AddBindingInvocationHandler("tick", func(_ context.Context, in *common.BindingEvent) ([]byte, error) {
		tell(Found{"binding": "tick", "data": string(in.Data)})
		return nil, nil
	}))
	app.host()
	return app.Start()
}

func (app *application) subscribe() {
	hear := func(name string, sub common.Subscription, answer func(int) (bool, error)) {
		sub.PubsubName = own
		times := 0
		check(app.AddTopicEventHandler(&sub, func(_ context.Context, event *common.TopicEvent) (bool, error) {
			times++
			data := event.Data
			if raw, ok := data.([]byte); ok {
				data = string(raw)
			}
			tell(Found{"topic": name, "data": data, "type": event.Type})
			return answer(times)
		}))
	}
	good := func(int) (bool, error) { return false, nil }
	hear("plain", common.Subscription{Topic: "plain", Route: "/plain"}, good)
	hear("binary", common.Subscription{Topic: "binary", Route: "/binary"}, good)
	raw := map[string]string{"rawPayload": "true"}
	hear("raw", common.Subscription{Topic: "raw", Route: "/raw", Metadata: raw}, good)
	hear("usual", common.Subscription{Topic: "routed", Route: "/usual"}, good)
	special := common.Subscription{Topic: "routed", Route: "/special", Match: `event.type == "special"`, Priority: 1}
	hear("special", special, good)
	hear("again", common.Subscription{Topic: "again", Route: "/again"}, func(times int) (bool, error) {
		if times == 1 {
			return true, errors.New("not now")
		}
		return false, nil
	})
	dropped := common.Subscription{Topic: "dropped", Route: "/dropped", DeadLetterTopic: "dead"}
	hear("dropped", dropped, func(int) (bool, error) { return false, errors.New("never") })
	hear("dead", common.Subscription{Topic: "dead", Route: "/dead"}, good)
}

func (app *application) listen() {
	answer := func(method string, fn func(context.Context, *common.InvocationEvent) (string, error)) {
		check(app.AddServiceInvocationHandler(method, func(ctx context.Context, in *common.InvocationEvent) (*common.Content, error) {
			md, _ := metadata.FromIncomingContext(ctx)
			tell(Found{"method": method, "query": in.QueryString, "caller": strings.Join(md.Get("dapr-caller-app-id"), "")})
			said, err := fn(ctx, in)
			if err != nil {
				return nil, err
			}
			return &common.Content{Data: []byte(said), ContentType: "text/plain"}, nil
		}))
	}
	answer("greet", func(_ context.Context, in *common.InvocationEvent) (string, error) {
		return fmt.Sprintf("hello %s", in.Data), nil
	})
	answer("fail", func(context.Context, *common.InvocationEvent) (string, error) { return "", errors.New("no such order") })
	healthy := func(context.Context) error { tell(Found{"asked": "health"}); return nil }
	check(app.AddHealthCheckHandler("healthz", healthy))
}

// host serves an actor over HTTP, and a job over gRPC for when they come, as far as the SDK does.
func (app *application) host() {
	if app.protocol == "http" {
		app.RegisterActorImplFactoryContext(newCat)
		return
	}
	check(app.AddJobEventHandler("job", func(context.Context, *common.JobEvent) error {
		tell(Found{"job": "job"})
		return nil
	}))
}
