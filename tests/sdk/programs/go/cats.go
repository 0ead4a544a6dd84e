package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/dapr/go-sdk/actor"
	"github.com/dapr/go-sdk/actor/runtime"
	dapr "github.com/dapr/go-sdk/client"
	sdkhttp "github.com/dapr/go-sdk/service/http"
)

// Meal is what a cat eats.
type Meal struct {
	Meal string `json:"meal"`
}

// Eaten is what it says then.
type Eaten struct {
	ID  string `json:"id"`
	Ate string `json:"ate"`
}

// Memory is what it knows of its meals.
type Memory struct {
	Meal  string `json:"meal"`
	Meals int    `json:"meals"`
}

// Lion is the application's actor, of the type Cat; it tells when it comes.
type Lion struct {
	actor.ServerImplBaseCtx
	sidecar dapr.Client
}

var (
	naps    sync.Map
	meeting = make(chan struct{})
)

// lions makes actors that talk to a sidecar.
func lions(sidecar dapr.Client) actor.FactoryContext {
	return func() actor.ServerContext { return &Lion{sidecar: sidecar} }
}

func (*Lion) Type() string { return "Cat" }

// SetID is how the SDK brings an actor to life.
func (l *Lion) SetID(id string) {
	l.ServerImplBaseCtx.SetID(id)
	tell(Found{"activated": id})
}

func (l *Lion) Eat(ctx context.Context, meal *Meal) (*Eaten, error) {
	state := l.GetStateManager()
	memory, err := l.Recall(ctx)
	if err != nil {
		return nil, err
	}
	if err := state.Set(ctx, "meal", meal.Meal); err != nil {
		return nil, err
	}
	if err := state.Set(ctx, "meals", memory.Meals+1); err != nil {
		return nil, err
	}
	return &Eaten{l.ID(), meal.Meal}, nil
}

func (l *Lion) Recall(ctx context.Context) (*Memory, error) {
	memory := &Memory{}
	for name, into := range map[string]any{"meal": &memory.Meal, "meals": &memory.Meals} {
		known, err := l.GetStateManager().Contains(ctx, name)
		if err == nil && known {
			err = l.GetStateManager().Get(ctx, name, into)
		}
		if err != nil {
			return nil, err
		}
	}
	return memory, nil
}

func (*Lion) Refuse(context.Context) (string, error) { return "", errors.New("no more fish") }

// Meet ends when two are here at once.
func (l *Lion) Meet(context.Context) (string, error) {
	select {
	case meeting <- struct{}{}:
	case <-meeting:
	case <-time.After(20 * time.Second):
		return "", errors.New("nobody came")
	}
	return l.ID(), nil
}

func (l *Lion) Nap(ctx context.Context) (string, error) {
	return "", l.sidecar.RegisterActorTimer(ctx, &dapr.RegisterActorTimerRequest{
		ActorType: "Cat", ActorID: l.ID(), Name: "nap", DueTime: "50ms", Period: "50ms", CallBack: "Wake", Data: []byte(`"mice"`),
	})
}

func (l *Lion) Wake(_ context.Context, dream string) error {
	times, _ := naps.LoadOrStore(l.ID()+" of "+dream, 0)
	naps.Store(l.ID()+" of "+dream, times.(int)+1)
	return nil
}

func (l *Lion) Naps(context.Context) (int, error) {
	times, _ := naps.LoadOrStore(l.ID()+" of mice", 0)
	return times.(int), nil
}

func (l *Lion) Rise(ctx context.Context) (string, error) {
	return "", l.sidecar.UnregisterActorTimer(ctx, &dapr.UnregisterActorTimerRequest{ActorType: "Cat", ActorID: l.ID(), Name: "nap"})
}

// Remember answers with the refusal: what an actor's error says the SDK keeps to itself.
func (l *Lion) Remember(ctx context.Context) (string, error) {
	return refusal(l.sidecar.RegisterActorReminder(ctx, &dapr.RegisterActorReminderRequest{
		ActorType: "Cat", ActorID: l.ID(), Name: "vet", DueTime: "1s", Period: "1s", Data: []byte("soon"),
	})), nil
}

func (l *Lion) Forget(ctx context.Context) (string, error) {
	request := &dapr.UnregisterActorReminderRequest{ActorType: "Cat", ActorID: l.ID(), Name: "vet"}
	return refusal(l.sidecar.UnregisterActorReminder(ctx, request)), nil
}

// keepCats hosts the actors over HTTP on a port, or over a stream that it opens itself.
func keepCats(protocol, port string) error {
	sidecar, err := dapr.NewClient()
	if err != nil {
		return err
	}
	defer sidecar.Close()
	if protocol == "http" {
		service := sdkhttp.NewService(net.JoinHostPort("127.0.0.1", port))
		service.RegisterActorImplFactoryContext(lions(sidecar))
		return service.Start()
	}
	host := runtime.NewActorRuntimeContext()
	host.RegisterActorFactory(lions(sidecar))
	options := dapr.ActorEventSubscriptionOptions{ActorIdleTimeout: 2 * time.Second}
	if _, err := sidecar.SubscribeActorEvents(context.Background(), host, options); err != nil {
		return err
	}
	select {}
}

// LionStub is the client's side: the SDK fills in the methods.
type LionStub struct {
	id       string
	Eat      func(context.Context, *Meal) (*Eaten, error)
	Recall   func(context.Context) (*Memory, error)
	Refuse   func(context.Context) (string, error)
	Meet     func(context.Context) (string, error)
	Nap      func(context.Context) (string, error)
	Naps     func(context.Context) (int, error)
	Rise     func(context.Context) (string, error)
	Remember func(context.Context) (string, error)
	Forget   func(context.Context) (string, error)
}

func (*LionStub) Type() string { return "Cat" }
func (s *LionStub) ID() string { return s.id }

// callCats calls the actors as users do, by a stub.
func callCats(ctx context.Context) (Found, error) {
	client, err := dapr.NewClient()
	if err != nil {
		return nil, err
	}
	defer client.Close()
	stub := func(id string) *LionStub {
		lion := &LionStub{id: id}
		client.ImplActorClientStub(lion)
		return lion
	}
	tom, sleeper := stub("tom"), stub("sleeper")
	_, refused := tom.Refuse(ctx)
	found := Found{
		"eat":             []*Eaten{must(tom.Eat(ctx, &Meal{"fish"})), must(tom.Eat(ctx, &Meal{"bird"}))},
		"recall":          must(tom.Recall(ctx)),
		"refuse":          refusal(refused),
		"recall after it": must(tom.Recall(ctx)),
		"meet":            meetUp(ctx, stub("ann"), stub("bob")),
		"remember":        must(tom.Remember(ctx)),
		"forget":          must(tom.Forget(ctx)),
	}
	must(sleeper.Nap(ctx))
	for must(sleeper.Naps(ctx)) < 3 {
		time.Sleep(20 * time.Millisecond)
	}
	must(sleeper.Rise(ctx))
	risen := must(sleeper.Naps(ctx))
	time.Sleep(400 * time.Millisecond) // eight periods of the timer
	found["naps"] = []int{risen, must(sleeper.Naps(ctx))}
	return found, nil
}

func meetUp(ctx context.Context, lions ...*LionStub) []string {
	names := make([]string, len(lions))
	var all sync.WaitGroup
	for at, lion := range lions {
		all.Go(func() { names[at] = must(lion.Meet(ctx)) })
	}
	all.Wait()
	return names
}

// useBelow uses the client's methods for actors, by the name of each.
func useBelow(ctx context.Context) (Found, error) {
	client, err := dapr.NewClient()
	if err != nil {
		return nil, err
	}
	defer client.Close()
	gave := func(what any, err error) string {
		if err != nil {
			return err.Error()
		}
		return fmt.Sprintf("none: it gave %v", what)
	}
	found := Found{}
	found["RegisterActorTimer"] = gave("", client.RegisterActorTimer(ctx, &dapr.RegisterActorTimerRequest{
		ActorType: "Cat", ActorID: "low", Name: "nap", DueTime: "1s", Period: "1s", CallBack: "Wake", Data: []byte(`"mice"`),
	}))
	answer := must(client.InvokeActor(ctx, &dapr.InvokeActorRequest{
		ActorType: "Cat", ActorID: "low", Method: "Eat", Data: must(json.Marshal(Meal{"mouse"})),
	}))
	found["InvokeActor"] = gave(string(answer.Data), nil)
	lion := &LionStub{id: "low"}
	client.ImplActorClientStub(lion)
	found["ImplActorClientStub"] = gave(lion.Recall(ctx))
	found["SaveStateTransactionally"] = gave("", client.SaveStateTransactionally(ctx, "Cat", "low", []*dapr.ActorStateOperation{
		{OperationType: "upsert", Key: "toy", Value: []byte(`"ball"`)},
	}))
	toy := must(client.GetActorState(ctx, &dapr.GetActorStateRequest{ActorType: "Cat", ActorID: "low", KeyName: "toy"}))
	found["GetActorState"] = gave(string(toy.Data), nil)
	found["UnregisterActorTimer"] = gave("", client.UnregisterActorTimer(ctx, &dapr.UnregisterActorTimerRequest{
		ActorType: "Cat", ActorID: "low", Name: "nap",
	}))
	found["RegisterActorReminder"] = gave("", client.RegisterActorReminder(ctx, &dapr.RegisterActorReminderRequest{
		ActorType: "Cat", ActorID: "low", Name: "vet", DueTime: "1s", Period: "1s",
	}))
	found["UnregisterActorReminder"] = gave("", client.UnregisterActorReminder(ctx, &dapr.UnregisterActorReminderRequest{
		ActorType: "Cat", ActorID: "low", Name: "vet",
	}))
	return found, nil
}
