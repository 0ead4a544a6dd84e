"""What runs on the node beside the API server: each with its credentials, its settings and how it says it is well.

Settings differ from the defaults where one machine, or a sandbox, is no data centre: no leader is elected, control
groups of version 1 are accepted, and a full disk evicts nobody.
"""

from __future__ import annotations

import http.client
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml
from cluster.kube import containers, host, kubeconfig, programs
from cluster.kube.apiserver import Certificates
from cluster.kube.processes import Processes

DNS_READY_PORT: Final = 10282
PROXY_HEALTH_PORT: Final = 10256
DOMAIN: Final = "cluster.local"


@dataclass(frozen=True, slots=True)
class Components:
    """Starts the node's components in a folder against one API server."""

    folder: Path
    url: str
    certificates: Certificates
    processes: Processes

    def controllers(self) -> None:
        """The controller manager and the scheduler."""
        pki = self.certificates
        config = self._access("system:kube-controller-manager")
        access = [f"--{each}kubeconfig={config}" for each in ("", "authentication-", "authorization-")]
        self._start(
            "kube-controller-manager", *access, "--bind-address=127.0.0.1", "--leader-elect=false", "--profiling=false",
            "--use-service-account-credentials=true", f"--root-ca-file={pki.ca}",
            f"--service-account-private-key-file={pki.token_key}",
            f"--cluster-signing-cert-file={pki.ca}", f"--cluster-signing-key-file={pki.ca_key}",
            # Some forty controllers share the client's rate; the default makes a fresh namespace wait for seconds.
            "--kube-api-qps=500", "--kube-api-burst=500",
        )  # fmt: skip
        config = self._access("system:kube-scheduler")
        access = [f"--{each}kubeconfig={config}" for each in ("", "authentication-", "authorization-")]
        self._start("kube-scheduler", *access, "--bind-address=127.0.0.1", "--leader-elect=false", "--profiling=false")

    def kubelet(self) -> None:
        """The kubelet, with a certificate of the node's."""
        identity = self.certificates.client(f"system:node:{host.NODE}", ["system:nodes"], [host.NODE, host.NODE_IP])
        access = kubeconfig.write(self.folder / "kubelet.kubeconfig", self.url, self.certificates.ca, identity)
        resolver = self.folder / "resolv.conf"
        resolver.write_text(f"nameserver {host.NODE_IP}\n")
        settings = self._settings(
            "kubelet", "kubelet.config.k8s.io/v1beta1", "KubeletConfiguration",
            address=host.NODE_IP, port=10250, readOnlyPort=0, healthzBindAddress="127.0.0.1",
            containerRuntimeEndpoint=f"unix://{containers.socket(self.folder)}",
            cgroupDriver="cgroupfs", failCgroupV1=False, failSwapOn=False, oomScoreAdj=0,
            authentication={
                "anonymous": {"enabled": False},
                "webhook": {"enabled": True},
                "x509": {"clientCAFile": str(self.certificates.ca)},
            },
            authorization={"mode": "Webhook"},
            tlsCertFile=str(identity.certificate), tlsPrivateKeyFile=str(identity.key),
            clusterDNS=[host.NODE_IP], clusterDomain=DOMAIN, resolvConf=str(resolver),
            podLogsDir=str(self.folder / "podlogs"), volumePluginDir=str(self.folder / "kubelet/plugins-exec"),
            # How soon changed ConfigMaps and Secrets are in pods; the default is a minute.
            syncFrequency="10s",
            makeIPTablesUtilChains=False, serializeImagePulls=False, imageGCHighThresholdPercent=100,
            evictionHard={
                "memory.available": "100Mi", "nodefs.available": "0%", "nodefs.inodesFree": "0%",
                "imagefs.available": "0%", "imagefs.inodesFree": "0%",
            },
        )  # fmt: skip
        root = self.folder / "kubelet"
        self._start(
            "kubelet", f"--config={settings}", f"--kubeconfig={access}", f"--root-dir={root}",
            f"--cert-dir={root / 'pki'}", f"--hostname-override={host.NODE}", f"--node-ip={host.NODE_IP}",
        )  # fmt: skip

    def proxy(self) -> None:
        """kube-proxy. It looks for its node with growing pauses, so it is started once the node is there."""
        limits = {"maxPerCore": 0, "min": 0, "tcpCloseWaitTimeout": "0s", "tcpEstablishedTimeout": "0s"}
        settings = self._settings(
            "kube-proxy", "kubeproxy.config.k8s.io/v1alpha1", "KubeProxyConfiguration",
            mode="nftables", bindAddress=host.NODE_IP, hostnameOverride=host.NODE, clusterCIDR=host.POD_RANGE,
            clientConnection={"kubeconfig": str(self._access("system:kube-proxy"))}, oomScoreAdj=0,
            healthzBindAddress=f"127.0.0.1:{PROXY_HEALTH_PORT}", metricsBindAddress="127.0.0.1:10249",
            conntrack=limits,
        )  # fmt: skip
        self._start("kube-proxy", f"--config={settings}")

    def dns(self) -> None:
        """CoreDNS on the node's address. Names outside the cluster do not exist, at once."""
        own = f"{DOMAIN}:53 in-addr.arpa:53 ip6.arpa:53"
        corefile = self.folder / "Corefile"
        corefile.write_text(f"""{own} {{
    bind {host.NODE_IP}
    errors
    ready 127.0.0.1:{DNS_READY_PORT}
    kubernetes {DOMAIN} in-addr.arpa ip6.arpa {{
        kubeconfig {self.folder / "admin.kubeconfig"}
        pods insecure
        ttl 2
    }}
}}
.:53 {{
    bind {host.NODE_IP}
    errors
    template ANY ANY . {{
        rcode NXDOMAIN
    }}
}}
""")
        self.processes.start("coredns", [programs.build("coredns"), "-conf", corefile])

    def _start(self, part: str, *flags: str) -> None:
        self.processes.start(part, [programs.build("node"), part, *flags])

    def _access(self, user: str) -> Path:
        client = self.certificates.client(user)
        name = user.rpartition(":")[2]
        return kubeconfig.write(self.folder / f"{name}.kubeconfig", self.url, self.certificates.ca, client)

    def _settings(self, name: str, api_version: str, kind: str, **settings: Any) -> Path:
        path = self.folder / f"{name}.yaml"
        path.write_text(yaml.safe_dump({"apiVersion": api_version, "kind": kind, **settings}))
        return path


def answers(port: int, path: str) -> bool:
    """Whether a component says on loopback that it is well."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()
