"""A real Kubernetes for the tests, out of packages: no Docker, no image registry, nothing fetched that is no package.

Two levels, since most tests need only the first. The **API server** is etcd and kube-apiserver on loopback with
ports of their own: it stores, validates, authenticates and authorises as everywhere, runs as any user, starts in
seconds, and as many as wanted run beside one another. No controller acts on what it stores: no pod starts, a
namespace gets no service account. The **node** adds the controllers, the scheduler, a kubelet over containerd,
kube-proxy and DNS, so that pods run; it needs root on Linux, and a machine has one at a time.

The programs are built from Go modules of exact versions (``go/go.mod``) and kept in the user's cache directory, so
that only the first run is long. ``python -m cluster.kube`` is the command; ``fixtures`` is what tests use.
"""
