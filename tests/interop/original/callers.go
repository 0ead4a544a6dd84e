package main

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"math/big"
	"net"
	"net/url"
	"time"

	"github.com/spiffe/go-spiffe/v2/bundle/x509bundle"
	"github.com/spiffe/go-spiffe/v2/spiffegrpc/grpccredentials"
	"github.com/spiffe/go-spiffe/v2/spiffeid"
	"github.com/spiffe/go-spiffe/v2/spiffetls/tlsconfig"
	"github.com/spiffe/go-spiffe/v2/svid/x509svid"
	"google.golang.org/grpc/peer"
)

// callers are contexts of gRPC calls by the id that their client has proved. Only a handshake makes one, so there is
// one for each id, on a pipe.
type callers map[string]context.Context

func (known callers) context(id string) context.Context {
	if id == "" {
		return context.Background()
	}
	if known[id] == nil {
		known[id] = proved(id)
	}
	return known[id]
}

func proved(id string) context.Context {
	public, key, err := ed25519.GenerateKey(rand.Reader)
	check(err)
	uri, err := url.Parse(id)
	check(err)
	root := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), NotBefore: root.NotBefore, NotAfter: root.NotAfter,
		KeyUsage: x509.KeyUsageDigitalSignature, URIs: []*url.URL{uri},
	}
	certificate := func(template *x509.Certificate) *x509.Certificate {
		der, err := x509.CreateCertificate(rand.Reader, template, root, public, key)
		check(err)
		parsed, err := x509.ParseCertificate(der)
		check(err)
		return parsed
	}
	name, err := spiffeid.FromString(id)
	check(err)
	svid := &x509svid.SVID{ID: name, Certificates: []*x509.Certificate{certificate(leaf)}, PrivateKey: key}
	anchors := x509bundle.FromX509Authorities(name.TrustDomain(), []*x509.Certificate{certificate(root)})
	near, far := net.Pipe()
	client := grpccredentials.MTLSClientCredentials(svid, anchors, tlsconfig.AuthorizeAny())
	go func() {
		_, _, err := client.ClientHandshake(context.Background(), "", far)
		check(err)
	}()
	server := grpccredentials.MTLSServerCredentials(svid, anchors, tlsconfig.AuthorizeAny())
	_, info, err := server.ServerHandshake(near)
	check(err)
	return peer.NewContext(context.Background(), &peer.Peer{AuthInfo: info})
}
