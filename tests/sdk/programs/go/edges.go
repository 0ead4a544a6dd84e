package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	dapr "github.com/dapr/go-sdk/client"
	"google.golang.org/grpc/status"
)

const (
	kilobyte = 1 << 10
	megabyte = 1 << 20
)

// goToTheEdges makes many calls at once, large ones, and ones that their caller gives up, all on one connection.
func goToTheEdges(ctx context.Context) (Found, error) {
	client, err := dapr.NewClient()
	if err != nil {
		return nil, err
	}
	defer client.Close()
	callee := os.Getenv("CALLEE")
	found := Found{
		"calls": together(60, func(n int) bool {
			sent := bytes.Repeat([]byte{byte(n)}, 64*kilobyte+n)
			content := &dapr.DataContent{ContentType: "application/octet-stream", Data: sent}
			return bytes.Equal(must(client.InvokeMethodWithContent(ctx, callee, "echo", "post", content)), sent)
		}),
		"states": together(200, func(n int) bool {
			key, value := fmt.Sprintf("edge-%d", n), []byte(fmt.Sprintf("value %d", n))
			check(client.SaveState(ctx, store, key, value, nil))
			return bytes.Equal(must(client.GetState(ctx, store, key, nil)).Value, value)
		}),
	}
	large := bytes.Repeat([]byte("x"), 3*megabyte)
	check(client.SaveState(ctx, store, "large", large, nil))
	found["large"] = bytes.Equal(must(client.GetState(ctx, store, "large", nil)).Value, large)
	found["too large"] = status.Code(client.SaveState(ctx, store, "large", make([]byte, 5*megabyte), nil)).String()
	found["late"] = impatience(client, callee, context.WithTimeout)
	found["given up"] = impatience(client, callee, func(ctx context.Context, after time.Duration) (context.Context, context.CancelFunc) {
		ctx, cancel := context.WithCancel(ctx)
		time.AfterFunc(after, cancel)
		return ctx, cancel
	})
	found["afterwards"] = must(client.GetMetadata(ctx)).ID
	return found, nil
}

// together does something many times at once, and tells how often it went well.
func together(times int, do func(int) bool) int64 {
	var good atomic.Int64
	var all sync.WaitGroup
	for n := range times {
		all.Go(func() {
			if do(n) {
				good.Add(1)
			}
		})
	}
	all.Wait()
	return good.Load()
}

// impatience is what a caller is told who waits for a short while only.
func impatience(client dapr.Client, callee string, limit func(context.Context, time.Duration) (context.Context, context.CancelFunc)) string {
	ctx, cancel := limit(context.Background(), patience)
	defer cancel()
	_, err := client.InvokeMethod(ctx, callee, "slow", "get")
	return status.Code(err).String()
}
