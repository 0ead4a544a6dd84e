package main

import (
	"context"
	"path/filepath"
	"strconv"
	"time"

	"github.com/dapr/dapr/pkg/healthz"
	"github.com/dapr/dapr/pkg/modes"
	sentryv1 "github.com/dapr/dapr/pkg/proto/sentry/v1"
	"github.com/dapr/dapr/pkg/sentry"
	"github.com/dapr/dapr/pkg/sentry/config"
)

// issue runs the public project's sentry, standalone, on credentials in a folder that it makes if there are none.
func issue(folder, port string) {
	number, err := strconv.Atoi(port)
	check(err)
	ctx := context.Background()
	authority, err := sentry.New(ctx, sentry.Options{
		Healthz: healthz.New(),
		Config: config.Config{
			Port: number, ListenAddress: "127.0.0.1", TrustDomain: "localhost",
			WorkloadCertTTL: 24 * time.Hour, AllowedClockSkew: 15 * time.Minute,
			RootCertPath:   filepath.Join(folder, "ca.crt"),
			IssuerCertPath: filepath.Join(folder, "issuer.crt"),
			IssuerKeyPath:  filepath.Join(folder, "issuer.key"),
			Mode:           modes.StandaloneMode,
			Validators: map[sentryv1.SignCertificateRequest_TokenValidator]map[string]string{
				sentryv1.SignCertificateRequest_INSECURE: {},
			},
			DefaultValidator: sentryv1.SignCertificateRequest_INSECURE,
		},
	})
	check(err)
	check(authority.Start(ctx))
}
