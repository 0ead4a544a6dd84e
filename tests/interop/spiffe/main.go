// Command spiffe is the other side of our identities, built on go-spiffe, which is what the public project stands on.
//
//	spiffe verify <anchors.pem> <chain.pem>             verify an X.509-SVID strictly, print its id
//	spiffe csr <key.pem> <csr.pem>                      make an Ed25519 key and a request for it
//	spiffe call <anchors.pem> <chain.pem> <key.pem> <address> <id>
//	                                                    mutual TLS to the server with that id; print its first line
//	spiffe serve <anchors.pem> <chain.pem> <key.pem>    mutual TLS server: prints its port, then the id of each caller
//	spiffe call-sidecar <anchors.pem> <chain.pem> <key.pem> <address> <id> <message>
//	                                                    a sidecar's internal call with that message in hexadecimal;
//	                                                    print the messages of the answer
//	spiffe serve-sidecar <anchors.pem> <chain.pem> <key.pem> <message>
//	                                                    a sidecar's internal port: prints itself and who calls
package main

import (
	"bufio"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net"
	"os"

	"github.com/spiffe/go-spiffe/v2/bundle/x509bundle"
	"github.com/spiffe/go-spiffe/v2/spiffeid"
	"github.com/spiffe/go-spiffe/v2/spiffetls/tlsconfig"
	"github.com/spiffe/go-spiffe/v2/svid/x509svid"
)

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// anchors serves one set of roots for every trust domain, as Dapr does.
type anchors struct{ roots []*x509.Certificate }

func (a anchors) GetX509BundleForTrustDomain(domain spiffeid.TrustDomain) (*x509bundle.Bundle, error) {
	return x509bundle.FromX509Authorities(domain, a.roots), nil
}

func certificates(path string) []*x509.Certificate {
	rest, err := os.ReadFile(path)
	check(err)
	var found []*x509.Certificate
	for block, rest := pem.Decode(rest); block != nil; block, rest = pem.Decode(rest) {
		certificate, err := x509.ParseCertificate(block.Bytes)
		check(err)
		found = append(found, certificate)
	}
	return found
}

func verify(roots, chain string) {
	id, _, err := x509svid.Verify(certificates(chain), anchors{certificates(roots)})
	check(err)
	fmt.Println(id)
}

func csr(keyPath, csrPath string) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	check(err)
	der, err := x509.MarshalPKCS8PrivateKey(key)
	check(err)
	check(os.WriteFile(keyPath, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600))
	request, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{}, key)
	check(err)
	check(os.WriteFile(csrPath, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: request}), 0o600))
}

func call(roots, chain, key, address, id string) {
	svid, err := x509svid.Load(chain, key)
	check(err)
	server, err := spiffeid.FromString(id)
	check(err)
	config := tlsconfig.MTLSClientConfig(svid, anchors{certificates(roots)}, tlsconfig.AuthorizeID(server))
	connection, err := tls.Dial("tcp", address, config)
	check(err)
	defer connection.Close()
	line, err := bufio.NewReader(connection).ReadString('\n')
	check(err)
	fmt.Print(line)
}

func serve(roots, chain, key string) {
	svid, err := x509svid.Load(chain, key)
	check(err)
	config := tlsconfig.MTLSServerConfig(svid, anchors{certificates(roots)}, tlsconfig.AuthorizeAny())
	listener, err := tls.Listen("tcp", "127.0.0.1:0", config)
	check(err)
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	for {
		connection, err := listener.Accept()
		check(err)
		secured := connection.(*tls.Conn)
		if err := secured.Handshake(); err != nil {
			fmt.Println("refused:", err)
			connection.Close()
			continue
		}
		id, err := x509svid.IDFromCert(secured.ConnectionState().PeerCertificates[0])
		check(err)
		fmt.Fprintln(connection, id)
		connection.Close()
	}
}

func main() {
	arguments := os.Args[2:]
	switch os.Args[1] {
	case "verify":
		verify(arguments[0], arguments[1])
	case "csr":
		csr(arguments[0], arguments[1])
	case "call":
		call(arguments[0], arguments[1], arguments[2], arguments[3], arguments[4])
	case "serve":
		serve(arguments[0], arguments[1], arguments[2])
	case "call-sidecar":
		callSidecar(arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], arguments[5])
	case "serve-sidecar":
		serveSidecar(arguments[0], arguments[1], arguments[2], arguments[3])
	default:
		fmt.Fprintln(os.Stderr, "unknown command", os.Args[1])
		os.Exit(2)
	}
}
