package main

import (
	"context"
	"encoding/json"
	"os"
	"sort"
	"sync"
	"time"

	pb "github.com/dapr/dapr/pkg/proto/runtime/v1"
	dapr "github.com/dapr/go-sdk/client"
	"github.com/dapr/go-sdk/service/common"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/types/known/emptypb"
)

const (
	store       = "statestore"
	bus         = "pubsub"
	topic       = "orders"
	mark        = "go-client"
	traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
)

type thing struct {
	Mark string `json:"mark"`
	Kind string `json:"kind"`
}

func useEverything(ctx context.Context) (Found, error) {
	client, err := dapr.NewClient()
	if err != nil {
		return nil, err
	}
	defer client.Close()
	found := Found{"Wait": refusal(client.Wait(ctx, 20*time.Second))}
	for _, use := range []func(context.Context, dapr.Client, Found){
		state, guardedState, severalStates, publish, invoke, stream, rest, connection,
	} {
		use(ctx, client, found)
	}
	guarded(ctx, found)
	found["Close"] = "closed"
	return found, nil
}

func state(ctx context.Context, client dapr.Client, found Found) {
	check(client.SaveState(ctx, store, "go", []byte(`{"a":1}`), map[string]string{"ttlInSeconds": "600"}))
	found["SaveState"] = "saved"
	item := must(client.GetState(ctx, store, "go", nil))
	found["GetState"] = []string{string(item.Value), item.Etag}
	strong := must(client.GetStateWithConsistency(ctx, store, "go", nil, dapr.StateConsistencyStrong))
	found["GetStateWithConsistency"] = string(strong.Value)
	check(client.DeleteState(ctx, store, "go", nil))
	found["DeleteState"] = string(must(client.GetState(ctx, store, "go", nil)).Value)
	_, err := client.QueryStateAlpha1(ctx, store, `{"filter":{}}`, nil)
	found["QueryStateAlpha1"] = refusal(err)
}

func guardedState(ctx context.Context, client dapr.Client, found Found) {
	check(client.SaveState(ctx, store, "guarded", []byte("first"), nil))
	etag := must(client.GetState(ctx, store, "guarded", nil)).Etag
	guard := []dapr.StateOption{
		dapr.WithConcurrency(dapr.StateConcurrencyFirstWrite), dapr.WithConsistency(dapr.StateConsistencyStrong),
	}
	check(client.SaveStateWithETag(ctx, store, "guarded", []byte("second"), etag, nil, guard...))
	late := client.SaveStateWithETag(ctx, store, "guarded", []byte("late"), etag, nil, guard...)
	found["SaveStateWithETag"] = []string{string(must(client.GetState(ctx, store, "guarded", nil)).Value), refusal(late)}
	options := &dapr.StateOptions{Concurrency: dapr.StateConcurrencyFirstWrite}
	lateDelete := client.DeleteStateWithETag(ctx, store, "guarded", &dapr.ETag{Value: etag}, nil, options)
	fresh := must(client.GetState(ctx, store, "guarded", nil)).Etag
	check(client.DeleteStateWithETag(ctx, store, "guarded", &dapr.ETag{Value: fresh}, nil, options))
	found["DeleteStateWithETag"] = []string{string(must(client.GetState(ctx, store, "guarded", nil)).Value), refusal(lateDelete)}
}

func severalStates(ctx context.Context, client dapr.Client, found Found) {
	many := func(key string) *dapr.SetStateItem {
		return &dapr.SetStateItem{Key: key, Value: []byte("value of " + key)}
	}
	values := func(keys ...string) map[string]string {
		values := map[string]string{}
		for _, item := range must(client.GetBulkState(ctx, store, keys, nil, 2)) {
			values[item.Key] = string(item.Value)
		}
		return values
	}
	check(client.SaveBulkState(ctx, store, many("go-1"), many("go-2"), many("go-3"), many("go-4")))
	found["SaveBulkState"] = "saved"
	found["GetBulkState"] = values("go-1", "go-2", "go-none")
	check(client.ExecuteStateTransaction(ctx, store, nil, []*dapr.StateOperation{
		{Type: dapr.StateOperationTypeUpsert, Item: &dapr.SetStateItem{Key: "go-tx", Value: []byte("done")}},
		{Type: dapr.StateOperationTypeDelete, Item: &dapr.SetStateItem{Key: "go-1"}},
	}))
	found["ExecuteStateTransaction"] = values("go-tx", "go-1")
	check(client.DeleteBulkState(ctx, store, []string{"go-2", "go-3"}, nil))
	found["DeleteBulkState"] = values("go-2", "go-3")
	check(client.DeleteBulkStateItems(ctx, store, []*dapr.DeleteStateItem{{Key: "go-4"}}))
	found["DeleteBulkStateItems"] = values("go-4")
}

func publish(ctx context.Context, client dapr.Client, found Found) {
	check(client.PublishEvent(ctx, bus, topic, thing{mark, "object"}))
	check(client.PublishEvent(ctx, bus, topic, mark+" text", dapr.PublishEventWithContentType("text/plain")))
	event := map[string]any{
		"specversion": "1.0", "id": mark, "source": "go", "type": "mine", "datacontenttype": "application/json",
		"data": thing{mark, "event"},
	}
	check(client.PublishEvent(
		ctx, bus, topic, must(json.Marshal(event)), dapr.PublishEventWithContentType("application/cloudevents+json"),
		dapr.PublishEventWithMetadata(map[string]string{"ttlInSeconds": "60"}),
	))
	found["PublishEvent"] = refusal(client.PublishEvent(ctx, "nowhere", topic, "x"))
	check(client.PublishEventfromCustomContent(ctx, bus, topic, thing{mark, "custom"})) //nolint:staticcheck // still offered
	found["PublishEventfromCustomContent"] = "published"
	several := client.PublishEvents(ctx, bus, topic, []any{
		thing{mark, "bulk"}, mark + " bulk",
		dapr.PublishEventsEvent{EntryID: "mine", Data: []byte(mark + " entry"), ContentType: "text/plain"},
	})
	nowhere := client.PublishEvents(ctx, "nowhere", topic, []any{"x"})
	found["PublishEvents"] = []any{refusal(several.Error), len(several.FailedEvents), refusal(nowhere.Error), len(nowhere.FailedEvents)}
}

func invoke(ctx context.Context, client dapr.Client, found Found) {
	callee := os.Getenv("CALLEE")
	traced := client.WithTraceID(ctx, traceparent)
	found["WithTraceID"] = string(must(client.InvokeMethod(traced, callee, "go/hello?q=a%20b", "get")))
	_, nobody := client.InvokeMethod(ctx, "nobody-of-that-name", "hello", "get")
	_, missing := client.InvokeMethod(ctx, callee, "status/404", "get")
	found["InvokeMethod"] = []string{string(must(client.InvokeMethod(ctx, callee, "status/200", "get"))), refusal(missing), refusal(nobody)}
	verbs := map[string]string{}
	for _, verb := range []string{"post", "put", "delete", "patch"} {
		content := &dapr.DataContent{ContentType: "text/plain", Data: []byte("sent by " + verb)}
		verbs[verb] = string(must(client.InvokeMethodWithContent(ctx, callee, "go/echo", verb, content)))
	}
	found["InvokeMethodWithContent"] = verbs
	custom := must(client.InvokeMethodWithCustomContent(ctx, callee, "go/custom", "post", "application/json", thing{mark, "custom"}))
	found["InvokeMethodWithCustomContent"] = string(custom)
}

// stream receives events over the client's own connection, one by one and by a handler.
func stream(ctx context.Context, client dapr.Client, found Found) {
	graves := "go-graves"
	pulled := must(client.Subscribe(ctx, dapr.SubscriptionOptions{PubsubName: bus, Topic: "go-pulled", DeadLetterTopic: &graves}))
	buried := must(client.Subscribe(ctx, dapr.SubscriptionOptions{PubsubName: bus, Topic: graves}))
	check(client.PublishEvent(ctx, bus, "go-pulled", thing{mark, "kept"}))
	message := must(pulled.Receive())
	received := []any{message.Data, message.Topic, message.Source == os.Getenv("APP_ID")}
	check(message.Success())
	check(client.PublishEvent(ctx, bus, "go-pulled", thing{mark, "dropped"}))
	check(must(pulled.Receive()).Drop())
	grave := must(buried.Receive())
	check(grave.Success())
	found["Subscribe"] = append(received, grave.Data)
	check(pulled.Close())
	check(buried.Close())

	var seen []string
	var lock sync.Mutex
	enough := make(chan struct{})
	stop := must(client.SubscribeWithHandler(
		ctx, dapr.SubscriptionOptions{PubsubName: bus, Topic: "go-pushed"},
		func(event *common.TopicEvent) common.SubscriptionResponseStatus {
			lock.Lock()
			defer lock.Unlock()
			if seen = append(seen, string(event.RawData)); len(seen) == 3 {
				close(enough)
			}
			return common.SubscriptionResponseStatusSuccess
		},
	))
	check(client.PublishEvents(ctx, bus, "go-pushed", []any{"one", "two", "three"}).Error)
	select {
	case <-enough:
	case <-time.After(20 * time.Second):
	}
	check(stop())
	lock.Lock()
	defer lock.Unlock()
	sort.Strings(seen)
	found["SubscribeWithHandler"] = seen
}

// hear tells every event of a topic as it comes.
func hear(ctx context.Context, name string) error {
	client, err := dapr.NewClient()
	if err != nil {
		return err
	}
	defer client.Close()
	subscription, err := client.Subscribe(ctx, dapr.SubscriptionOptions{PubsubName: "bus", Topic: name})
	if err != nil {
		return err
	}
	for {
		message, err := subscription.Receive()
		if err != nil {
			return err
		}
		tell(Found{"heard": message.Data})
		check(message.Success())
	}
}

func rest(ctx context.Context, client dapr.Client, found Found) {
	file := map[string]string{"fileName": "go.txt"}
	create := &dapr.InvokeBindingRequest{Name: "files", Operation: "create", Data: []byte("from Go"), Metadata: file}
	check(client.InvokeOutputBinding(ctx, create))
	unknown := client.InvokeOutputBinding(ctx, &dapr.InvokeBindingRequest{Name: "nowhere", Operation: "create"})
	found["InvokeOutputBinding"] = refusal(unknown)
	read := must(client.InvokeBinding(ctx, &dapr.InvokeBindingRequest{Name: "files", Operation: "get", Metadata: file}))
	found["InvokeBinding"] = string(read.Data)
	_, missing := client.GetSecret(ctx, "secrets", "nothing", nil)
	found["GetSecret"] = []any{must(client.GetSecret(ctx, "secrets", "mysecret", nil)), refusal(missing)}
	found["GetBulkSecret"] = must(client.GetBulkSecret(ctx, "secrets", nil))
	check(client.SetMetadata(ctx, "set-by", "go"))
	about := must(client.GetMetadata(ctx))
	found["SetMetadata"] = about.ExtendedMetadata["set-by"]
	components := []string{}
	for _, component := range about.RegisteredComponents {
		components = append(components, component.Name)
	}
	sort.Strings(components)
	found["GetMetadata"] = []any{about.ID, components}
}

// connection uses what lies below the SDK, as it offers it: the generated stub and its channel.
func connection(ctx context.Context, client dapr.Client, found Found) {
	about := must(client.GrpcClient().GetMetadata(ctx, &pb.GetMetadataRequest{}))
	found["GrpcClient"] = about.GetId()
	health := pb.NewAppCallbackHealthCheckClient(client.GrpcClientConn())
	ask := func(app string) string {
		_, err := health.HealthCheck(metadata.AppendToOutgoingContext(ctx, "dapr-app-id", app, "asker", mark), &emptypb.Empty{})
		return refusal(err)
	}
	found["GrpcClientConn"] = []string{ask(os.Getenv("PROXIED")), ask("nobody-of-that-name")}
}

// guarded calls the sidecar that wants a token: without one, with it, and ends it.
func guarded(ctx context.Context, found Found) {
	client := must(dapr.NewClientWithPort(os.Getenv("GUARDED_GRPC_PORT")))
	defer client.Close()
	_, refused := client.GetMetadata(ctx)
	client.WithAuthToken(os.Getenv("GUARDED_TOKEN"))
	found["WithAuthToken"] = []string{refusal(refused), must(client.GetMetadata(ctx)).ID}
	ending := must(dapr.NewClientWithAddressContext(ctx, "127.0.0.1:"+os.Getenv("ENDING_GRPC_PORT")))
	defer ending.Close()
	check(ending.Shutdown(ctx))
	found["Shutdown"] = "ending"
}

func useSocket(ctx context.Context, path string) (Found, error) {
	client, err := dapr.NewClientWithSocket(path)
	if err != nil {
		return nil, err
	}
	defer client.Close()
	about, err := client.GetMetadata(ctx)
	if err != nil {
		return nil, err
	}
	return Found{"id": about.ID}, nil
}
