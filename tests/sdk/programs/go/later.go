package main

import (
	"bytes"
	"context"
	"io"
	"strings"
	"time"

	pb "github.com/dapr/dapr/pkg/proto/runtime/v1"
	"github.com/dapr/durabletask-go/workflow"
	"github.com/dapr/go-sdk/actor"
	dapr "github.com/dapr/go-sdk/client"
)

// patience bounds the calls that the SDK repeats until they work.
const patience = 300 * time.Millisecond

// Cat is an actor.
type Cat struct{ actor.ServerImplBaseCtx }

func newCat() actor.ServerContext                     { return &Cat{} }
func (*Cat) Type() string                             { return "Cat" }
func (*Cat) Meow(ctx context.Context) (string, error) { return "meow", nil }

type attempt func(context.Context) error

func tryWhatComesLater(ctx context.Context) (Found, error) {
	client, err := dapr.NewClient()
	if err != nil {
		return nil, err
	}
	defer client.Close()
	flows, err := dapr.NewWorkflowClient()
	if err != nil {
		return nil, err
	}
	found := Found{}
	for _, attempts := range []map[string]attempt{
		jobs(client), configuration(client), others(client), workflows(flows),
	} {
		for name, try := range attempts {
			found[name] = refusal(try(ctx))
		}
	}
	return found, nil
}

func jobs(client dapr.Client) map[string]attempt {
	job := dapr.NewJob("job", dapr.WithJobDueTime("1s"))
	return map[string]attempt{
		"ScheduleJob":       func(ctx context.Context) error { return client.ScheduleJob(ctx, job) },
		"ScheduleJobAlpha1": func(ctx context.Context) error { return client.ScheduleJobAlpha1(ctx, job) },
		"GetJob":            func(ctx context.Context) error { _, err := client.GetJob(ctx, "job"); return err },
		"GetJobAlpha1":      func(ctx context.Context) error { _, err := client.GetJobAlpha1(ctx, "job"); return err },
		"DeleteJob":         func(ctx context.Context) error { return client.DeleteJob(ctx, "job") },
		"DeleteJobAlpha1":   func(ctx context.Context) error { return client.DeleteJobAlpha1(ctx, "job") },
	}
}

func configuration(client dapr.Client) map[string]attempt {
	return map[string]attempt{
		"GetConfigurationItem": func(ctx context.Context) error {
			_, err := client.GetConfigurationItem(ctx, "settings", "a")
			return err
		},
		"GetConfigurationItems": func(ctx context.Context) error {
			_, err := client.GetConfigurationItems(ctx, "settings", []string{"a"})
			return err
		},
		// Of a refused subscription the SDK tells its user nothing and waits for ever; its stub tells what it was given.
		"SubscribeConfigurationItems": func(ctx context.Context) error {
			request := &pb.SubscribeConfigurationRequest{StoreName: "settings", Keys: []string{"a"}}
			items, err := client.GrpcClient().SubscribeConfiguration(ctx, request)
			if err == nil {
				_, err = items.Recv()
			}
			return err
		},
		"UnsubscribeConfigurationItems": func(ctx context.Context) error {
			return client.UnsubscribeConfigurationItems(ctx, "settings", "id") //nolint:staticcheck // still offered
		},
	}
}

func others(client dapr.Client) map[string]attempt {
	return map[string]attempt{
		"TryLockAlpha1": func(ctx context.Context) error {
			_, err := client.TryLockAlpha1(ctx, "locks", &dapr.LockRequest{ResourceID: "a", LockOwner: "b", ExpiryInSeconds: 5})
			return err
		},
		"UnlockAlpha1": func(ctx context.Context) error {
			_, err := client.UnlockAlpha1(ctx, "locks", &dapr.UnlockRequest{ResourceID: "a", LockOwner: "b"})
			return err
		},
		"Encrypt": func(ctx context.Context) error {
			options := dapr.EncryptOptions{ComponentName: "vault", KeyName: "key", KeyWrapAlgorithm: "RSA"}
			sealed, err := client.Encrypt(ctx, strings.NewReader("text"), options)
			return drained(sealed, err)
		},
		"Decrypt": func(ctx context.Context) error {
			opened, err := client.Decrypt(ctx, bytes.NewReader([]byte("text")), dapr.DecryptOptions{ComponentName: "vault"})
			return drained(opened, err)
		},
		"ConverseAlpha1": func(ctx context.Context) error {
			request := dapr.NewConversationRequest("llm", []dapr.ConversationInput{{Content: "hi"}}) //nolint:staticcheck // still offered
			_, err := client.ConverseAlpha1(ctx, request)
			return err
		},
		"ConverseAlpha2": func(ctx context.Context) error {
			text := "hi"
			said := &dapr.ConversationMessageOfUserAlpha2{Content: []*dapr.ConversationMessageContentAlpha2{{Text: &text}}}
			_, err := client.ConverseAlpha2(ctx, dapr.ConversationRequestAlpha2{
				Name:   "llm",
				Inputs: []*dapr.ConversationInputAlpha2{{Messages: []*dapr.ConversationMessageAlpha2{{ConversationMessageOfUser: said}}}},
			})
			return err
		},
	}
}

func drained(out io.Reader, err error) error {
	if err == nil {
		_, err = io.ReadAll(out)
	}
	return err
}

func workflows(flows *workflow.Client) map[string]attempt {
	return map[string]attempt{
		"workflow.ScheduleWorkflow":       func(ctx context.Context) error { _, err := flows.ScheduleWorkflow(ctx, "Order"); return err },
		"workflow.FetchWorkflowMetadata":  func(ctx context.Context) error { _, err := flows.FetchWorkflowMetadata(ctx, "one"); return err },
		"workflow.TerminateWorkflow":      func(ctx context.Context) error { return flows.TerminateWorkflow(ctx, "one") },
		"workflow.RaiseEvent":             func(ctx context.Context) error { return flows.RaiseEvent(ctx, "one", "paid") },
		"workflow.SuspendWorkflow":        func(ctx context.Context) error { return flows.SuspendWorkflow(ctx, "one", "") },
		"workflow.ResumeWorkflow":         func(ctx context.Context) error { return flows.ResumeWorkflow(ctx, "one", "") },
		"workflow.PurgeWorkflowState":     func(ctx context.Context) error { return flows.PurgeWorkflowState(ctx, "one") },
		"workflow.RerunWorkflowFromEvent": func(ctx context.Context) error { _, err := flows.RerunWorkflowFromEvent(ctx, "one", 1); return err },
		"workflow.ListInstanceIDs":        func(ctx context.Context) error { _, err := flows.ListInstanceIDs(ctx); return err },
		"workflow.GetInstanceHistory":     func(ctx context.Context) error { _, err := flows.GetInstanceHistory(ctx, "one"); return err },
		"workflow.StartWorker":            func(ctx context.Context) error { return flows.StartWorker(ctx, workflow.NewRegistry()) },
		// The SDK repeats these two until they work.
		"workflow.WaitForWorkflowStart": impatient(func(ctx context.Context) error {
			_, err := flows.WaitForWorkflowStart(ctx, "one")
			return err
		}),
		"workflow.WaitForWorkflowCompletion": impatient(func(ctx context.Context) error {
			_, err := flows.WaitForWorkflowCompletion(ctx, "one")
			return err
		}),
	}
}

func impatient(try attempt) attempt {
	return func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		return try(ctx)
	}
}
