// A sidecar on grpc-go as placement sees it, and the ring of the public project: peers for the tests.
//
//	placement join <address> <name> <app id> <namespace> <types>   reports, acknowledges, prints each order as JSON
//	placement ring <replication factor> <hosts>                     prints the owner of each actor id on stdin
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	_ "google.golang.org/grpc/encoding/gzip" // as in daprd, which imports it: the client then says that it takes gzip
	"google.golang.org/grpc/status"

	"github.com/dapr/dapr/pkg/placement/hashing"
	placementv1 "github.com/dapr/dapr/pkg/proto/placement/v1"
)

func main() {
	var err error
	switch os.Args[1] {
	case "join":
		err = join(os.Args[2], os.Args[3], os.Args[4], os.Args[5], os.Args[6])
	case "ring":
		err = ring(os.Args[2], os.Args[3])
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

type seen struct {
	Operation string              `json:"operation"`
	Version   uint64              `json:"version"`
	Factor    int64               `json:"factor"`
	Hosts     map[string][]string `json:"hosts"`
	Code      string              `json:"code"`
	Message   string              `json:"message"`
}

func join(address, name, id, namespace, types string) error {
	connection, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	defer connection.Close()
	stream, err := placementv1.NewPlacementClient(connection).ReportDaprStatus(context.Background())
	if err != nil {
		return err
	}
	report := &placementv1.Host{
		Name: name, Id: id, Namespace: namespace, Entities: entities(types), ApiLevel: 20,
		Operation: placementv1.HostOperation_REPORT,
	}
	if err := stream.Send(report); err != nil {
		return err
	}
	out := json.NewEncoder(os.Stdout)
	operations := map[string]placementv1.HostOperation{
		"lock": placementv1.HostOperation_LOCK, "update": placementv1.HostOperation_UPDATE,
		"unlock": placementv1.HostOperation_UNLOCK,
	}
	for {
		order, err := stream.Recv()
		if err != nil {
			state, _ := status.FromError(err)
			return out.Encode(seen{Code: state.Code().String(), Message: state.Message()})
		}
		if err := out.Encode(shown(order)); err != nil {
			return err
		}
		version := order.GetVersion()
		ack := &placementv1.Host{
			Id: id, Namespace: namespace, Operation: operations[order.GetOperation()], Version: &version,
		}
		if err := stream.Send(ack); err != nil {
			return err
		}
	}
}

func entities(types string) []string {
	if types == "" {
		return nil
	}
	return strings.Split(types, ",")
}

func shown(order *placementv1.PlacementOrder) seen {
	found := seen{Operation: order.GetOperation(), Version: order.GetVersion(), Hosts: map[string][]string{}}
	found.Factor = order.GetTables().GetReplicationFactor()
	for kind, table := range order.GetTables().GetEntries() {
		for host := range table.GetLoadMap() {
			found.Hosts[kind] = append(found.Hosts[kind], host)
		}
	}
	return found
}

func ring(factor, hosts string) error {
	replicas, err := strconv.ParseInt(factor, 10, 64)
	if err != nil {
		return err
	}
	// As daprd makes it from a table.
	loads := map[string]*hashing.Host{}
	for _, host := range strings.Split(hosts, ",") {
		loads[host] = hashing.NewHost(host, "app", 0, 0)
	}
	found := hashing.NewFromExisting(loads, replicas, hashing.NewVirtualNodesCache())
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		owner, err := found.GetHost(lines.Text())
		if err != nil {
			return err
		}
		fmt.Println(owner.Name)
	}
	return lines.Err()
}
