package main

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"github.com/spiffe/go-spiffe/v2/spiffegrpc/grpccredentials"
	"github.com/spiffe/go-spiffe/v2/spiffeid"
	"github.com/spiffe/go-spiffe/v2/spiffetls/tlsconfig"
	"github.com/spiffe/go-spiffe/v2/svid/x509svid"
	"google.golang.org/grpc"
	"google.golang.org/grpc/status"
)

// The internal call of a sidecar, as the public project makes it: grpc-go over go-spiffe's credentials. Messages are
// bytes here, since what they mean is the test's affair.
const internalCall = "/dapr.proto.internals.v1.ServiceInvocation/CallLocalStream"

// untouched is a codec that hands messages on as they are.
type untouched struct{}

func (untouched) Name() string                  { return "proto" }
func (untouched) Marshal(v any) ([]byte, error) { return *v.(*[]byte), nil }
func (untouched) Unmarshal(data []byte, v any) error {
	*v.(*[]byte) = append([]byte(nil), data...)
	return nil
}

func unhex(text string) []byte {
	data, err := hex.DecodeString(text)
	check(err)
	return data
}

// callSidecar sends one message to the sidecar with that id and prints each message of its answer, or its status.
func callSidecar(roots, chain, key, address, id, message string) {
	svid, err := x509svid.Load(chain, key)
	check(err)
	callee, err := spiffeid.FromString(id)
	check(err)
	credentials := grpccredentials.MTLSClientCredentials(svid, anchors{certificates(roots)}, tlsconfig.AuthorizeID(callee))
	connection, err := grpc.NewClient(address, grpc.WithTransportCredentials(credentials))
	check(err)
	defer connection.Close()
	limited, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	description := &grpc.StreamDesc{ServerStreams: true, ClientStreams: true}
	stream, err := connection.NewStream(limited, description, internalCall, grpc.ForceCodec(untouched{}))
	if err == nil {
		request := unhex(message)
		if err = stream.SendMsg(&request); err == nil || err == io.EOF {
			_ = stream.CloseSend()
			for err = nil; err == nil; {
				var answer []byte
				if err = stream.RecvMsg(&answer); err == nil {
					fmt.Println(hex.EncodeToString(answer))
				}
			}
		}
	}
	if err != nil && err != io.EOF {
		fmt.Fprintln(os.Stderr, status.Code(err), status.Convert(err).Message())
		os.Exit(1)
	}
}

// serveSidecar answers every call with one message; it prints its port, then who called.
func serveSidecar(roots, chain, key, message string) {
	svid, err := x509svid.Load(chain, key)
	check(err)
	credentials := grpccredentials.MTLSServerCredentials(svid, anchors{certificates(roots)}, tlsconfig.AuthorizeAny())
	answer := unhex(message)
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
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	server := grpc.NewServer(grpc.Creds(credentials), grpc.ForceServerCodec(untouched{}), grpc.UnknownServiceHandler(handler))
	check(server.Serve(listener))
}
