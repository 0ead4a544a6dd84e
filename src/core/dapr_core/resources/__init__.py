"""Resource models (Component, Configuration, Subscription, HTTPEndpoint, Resiliency), their YAML and their loading."""
