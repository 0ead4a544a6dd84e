// Command original holds the public project's own code against ours: its identities and credentials, its judgement of
// access policies.
//
//	original call <sentry> <anchors.pem> <app id> <address> <callee's app id> <message>
//	                     an identity from that sentry, then a sidecar's internal call with that message in
//	                     hexadecimal; print the messages of the answer
//	original serve <sentry> <anchors.pem> <app id> <message>
//	                     an identity from that sentry, then a sidecar's internal port: prints its number and who calls
//	original sentry <folder> <port>
//	                     the certificate authority, with its credentials in a folder
//	original judge       read cases as lines of JSON, print a line for each: whether the call is allowed, and the text
package main

import (
	"bufio"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"github.com/spiffe/go-spiffe/v2/spiffegrpc/grpccredentials"
	"google.golang.org/grpc"
	"google.golang.org/grpc/status"

	"github.com/dapr/dapr/pkg/acl"
	"github.com/dapr/dapr/pkg/config"
	"github.com/dapr/dapr/pkg/healthz"
	"github.com/dapr/dapr/pkg/modes"
	commonv1 "github.com/dapr/dapr/pkg/proto/common/v1"
	"github.com/dapr/dapr/pkg/security"
	"github.com/dapr/kit/logger"
)

const internalCall = "/dapr.proto.internals.v1.ServiceInvocation/CallLocalStream"

// untouched is a codec that hands messages on as they are: what they mean is the test's affair.
type untouched struct{}

func (untouched) Name() string                  { return "proto" }
func (untouched) Marshal(v any) ([]byte, error) { return *v.(*[]byte), nil }
func (untouched) Unmarshal(data []byte, v any) error {
	*v.(*[]byte) = append([]byte(nil), data...)
	return nil
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, status.Code(err), err)
		os.Exit(1)
	}
}

// identity asks a sentry as the sidecar of the public project does, and goes on renewing.
func identity(ctx context.Context, sentry, anchors, app string) security.Handler {
	pem, err := os.ReadFile(anchors)
	check(err)
	provider, err := security.New(ctx, security.Options{
		SentryAddress:           sentry,
		ControlPlaneTrustDomain: "localhost",
		ControlPlaneNamespace:   "default",
		TrustAnchors:            pem,
		AppID:                   app,
		MTLSEnabled:             true,
		Mode:                    modes.StandaloneMode,
		Healthz:                 healthz.New(),
	})
	check(err)
	go func() { check(provider.Run(ctx)) }()
	handler, err := provider.Handler(ctx)
	check(err)
	return handler
}

func call(sentry, anchors, app, address, callee, message string) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	credentials := identity(ctx, sentry, anchors, app).GRPCDialOptionMTLSUnknownTrustDomain("default", callee)
	connection, err := grpc.NewClient(address, credentials)
	check(err)
	description := &grpc.StreamDesc{ServerStreams: true, ClientStreams: true}
	stream, err := connection.NewStream(ctx, description, internalCall, grpc.ForceCodec(untouched{}))
	check(err)
	request, err := hex.DecodeString(message)
	check(err)
	if err = stream.SendMsg(&request); err != io.EOF {
		check(err)
	}
	check(stream.CloseSend())
	for {
		var answer []byte
		if err = stream.RecvMsg(&answer); err == io.EOF {
			return
		}
		check(err)
		fmt.Println(hex.EncodeToString(answer))
	}
}

func serve(sentry, anchors, app, message string) {
	answer, err := hex.DecodeString(message)
	check(err)
	handler := func(_ any, stream grpc.ServerStream) error {
		if id, known := grpccredentials.PeerIDFromContext(stream.Context()); known {
			fmt.Println("called by", id)
		}
		for {
			var request []byte
			if err := stream.RecvMsg(&request); err == io.EOF {
				return stream.SendMsg(&answer)
			} else if err != nil {
				return err
			}
		}
	}
	security := identity(context.Background(), sentry, anchors, app)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	fmt.Println("port", listener.Addr().(*net.TCPAddr).Port)
	server := grpc.NewServer(security.GRPCServerOptionMTLS(), grpc.ForceServerCodec(untouched{}), grpc.UnknownServiceHandler(handler))
	check(server.Serve(listener))
}

// question is one call under one access control section; without an id nobody has proved anything.
type question struct {
	Spec      config.AccessControlSpec `json:"spec"`
	HTTP      bool                     `json:"http"`
	ID        string                   `json:"id"`
	Operation string                   `json:"operation"`
	Verb      string                   `json:"verb"`
}

type judgement struct {
	Allowed bool   `json:"allowed"`
	Text    string `json:"text"`
}

func judge() {
	known := callers{}
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	answers := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		var asked question
		check(json.Unmarshal(lines.Bytes(), &asked))
		list, err := acl.ParseAccessControlSpec(&asked.Spec, asked.HTTP)
		check(err)
		verb := commonv1.HTTPExtension_Verb(commonv1.HTTPExtension_Verb_value[asked.Verb])
		if list == nil {
			check(answers.Encode(judgement{Allowed: true}))
			continue
		}
		allowed, text := acl.ApplyAccessControlPolicies(known.context(asked.ID), asked.Operation, verb, asked.HTTP, list)
		check(answers.Encode(judgement{allowed, text}))
	}
	check(lines.Err())
}

func main() {
	for _, name := range []string{"dapr.runtime.security", "dapr.acl"} {
		logger.NewLogger(name).SetOutput(os.Stderr)
	}
	arguments := os.Args[2:]
	switch os.Args[1] {
	case "call":
		call(arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], arguments[5])
	case "serve":
		serve(arguments[0], arguments[1], arguments[2], arguments[3])
	case "sentry":
		issue(arguments[0], arguments[1])
	case "judge":
		judge()
	default:
		fmt.Fprintln(os.Stderr, "unknown command", os.Args[1])
		os.Exit(2)
	}
}
