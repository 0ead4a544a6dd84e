{{/*
What the subcharts share. Each template takes the context of the subchart that includes it; those that need the name of
a workload take a dict of "root" (that context) and "app".
*/}}

{{/* Labels of every object: those of global.k8sLabels, whose values are templates. */}}
{{- define "dapr.labels" -}}
{{- range $key, $value := .Values.global.k8sLabels }}
{{ $key }}: {{ tpl $value $ | quote }}
{{- end }}
{{- end }}

{{/* Labels of pods, and of what selects them for a disruption budget. */}}
{{- define "dapr.podLabels" -}}
app: {{ .app }}

{{ include "dapr.labels" .root | trim }}
{{- with .root.Values.global.labels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* A reference to an image; a name with a slash is a whole reference. Takes "root" and "name". */}}
{{- define "dapr.image" -}}
{{- $global := .root.Values.global -}}
{{- if contains "/" .name }}{{ .name }}{{ else }}{{ $global.registry }}/{{ .name }}:{{ $global.tag }}{{ end -}}
{{- end }}

{{/* imagePullSecrets: a name, a list of names, or a list of references. */}}
{{- define "dapr.imagePullSecrets" -}}
{{- with .Values.global.imagePullSecrets }}
imagePullSecrets:
  {{- if kindIs "string" . }}
  - name: {{ . }}
  {{- else }}
  {{- range . }}
  - name: {{ if kindIs "string" . }}{{ . }}{{ else }}{{ .name }}{{ end }}
  {{- end }}
  {{- end }}
{{- end }}
{{- end }}

{{/* Annotations for scrapers of metrics. */}}
{{- define "dapr.scrape" -}}
{{- if .Values.global.prometheus.enabled }}
prometheus.io/scrape: "true"
prometheus.io/port: {{ .Values.global.prometheus.port | quote }}
prometheus.io/path: "/"
{{- end }}
{{- end }}

{{/* Arguments that every service takes. */}}
{{- define "dapr.commonArgs" -}}
- --log-level
- {{ .Values.logLevel }}
{{- if .Values.global.logAsJson }}
- --log-as-json
{{- end }}
{{- if .Values.global.prometheus.enabled }}
- --enable-metrics
- --metrics-port
- {{ .Values.global.prometheus.port | quote }}
{{- else }}
- --enable-metrics=false
{{- end }}
{{- end }}

{{/* The container port of metrics. */}}
{{- define "dapr.metricsPort" -}}
{{- if .Values.global.prometheus.enabled }}
- name: metrics
  containerPort: {{ .Values.global.prometheus.port }}
  protocol: TCP
{{- end }}
{{- end }}

{{/* The Service port of metrics. */}}
{{- define "dapr.metricsServicePort" -}}
{{- if .Values.global.prometheus.enabled }}
- name: metrics
  port: {{ .Values.global.prometheus.port }}
  targetPort: {{ .Values.global.prometheus.port }}
  protocol: TCP
  appProtocol: http
{{- end }}
{{- end }}

{{/* Both probes, on the health port. Takes "root" and optionally "port". */}}
{{- define "dapr.probes" -}}
{{- $port := .port | default 8080 -}}
{{- with .root.Values.livenessProbe }}
livenessProbe:
  httpGet:
    path: /healthz
    port: {{ $port }}
  initialDelaySeconds: {{ .initialDelaySeconds }}
  periodSeconds: {{ .periodSeconds }}
  failureThreshold: {{ .failureThreshold }}
{{- end }}
{{- with .root.Values.readinessProbe }}
readinessProbe:
  httpGet:
    path: /healthz
    port: {{ $port }}
  initialDelaySeconds: {{ .initialDelaySeconds }}
  periodSeconds: {{ .periodSeconds }}
  failureThreshold: {{ .failureThreshold }}
{{- end }}
{{- end }}

{{/* Security context of a container: what Pod Security's profile "restricted" asks for, and nothing writable. */}}
{{- define "dapr.containerSecurity" -}}
runAsNonRoot: {{ .Values.runAsNonRoot }}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop:
    - ALL
{{- with .Values.global.seccompProfile }}
seccompProfile:
  type: {{ . }}
{{- end }}
{{- end }}

{{/* The environment that every service has, and the values' own. */}}
{{- define "dapr.env" -}}
- name: NAMESPACE
  valueFrom:
    fieldRef:
      fieldPath: metadata.namespace
{{- range $name, $value := .Values.extraEnvVars }}
- name: {{ $name }}
  value: {{ $value | quote }}
{{- end }}
{{- end }}

{{/*
Volumes of the trust anchors, and of the token by which a service proves itself to sentry. The item is named so that a
pod which comes before sentry has written it is held for a moment, and tried again soon; without, it would start with an
empty folder, whose content the kubelet brings up to date once a minute only.
*/}}
{{- define "dapr.identityVolumes" -}}
- name: dapr-trust-bundle
  configMap:
    name: dapr-trust-bundle
    items:
      - key: ca.crt
        path: ca.crt
{{- if .Values.global.mtls.mountSentryVolume }}
- name: dapr-identity-token
  projected:
    sources:
      - serviceAccountToken:
          path: token
          expirationSeconds: 600
          audience: {{ printf "spiffe://%s/ns/%s/dapr-sentry" .Values.global.mtls.controlPlaneTrustDomain .Release.Namespace | quote }}
{{- end }}
{{- end }}

{{- define "dapr.identityMounts" -}}
- name: dapr-trust-bundle
  mountPath: /var/run/secrets/dapr.io/tls
  readOnly: true
{{- if .Values.global.mtls.mountSentryVolume }}
- name: dapr-identity-token
  mountPath: /var/run/secrets/dapr.io/sentrytoken
  readOnly: true
{{- end }}
{{- end }}

{{/* The values' own volumes, mounts and containers. Takes "root" and "key", one of global.extraVolumes' keys. */}}
{{- define "dapr.extra" -}}
{{- $of := get .root.Values.global .what | default dict -}}
{{- with get $of .key }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* Where a pod may run. Takes "root" and "app"; "spread" asks for replicas on other nodes, "policy" says how strictly. */}}
{{- define "dapr.scheduling" -}}
{{- $global := .root.Values.global -}}
{{- with $global.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with $global.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $global.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
affinity:
  nodeAffinity:
    requiredDuringSchedulingIgnoredDuringExecution:
      nodeSelectorTerms:
        - matchExpressions:
            - key: kubernetes.io/os
              operator: In
              values:
                - {{ $global.daprControlPlaneOs }}
            {{- with $global.daprControlPlaneArch }}
            - key: kubernetes.io/arch
              operator: In
              values:
                - {{ . }}
            {{- end }}
  {{- if .spread }}
  podAntiAffinity:
    {{- $policy := .policy | default "preferredDuringSchedulingIgnoredDuringExecution" }}
    {{- if eq $policy "preferredDuringSchedulingIgnoredDuringExecution" }}
    preferredDuringSchedulingIgnoredDuringExecution:
      - weight: 100
        podAffinityTerm:
          labelSelector:
            matchLabels:
              app: {{ .app }}
          topologyKey: {{ $global.ha.topologyKey }}
    {{- else if eq $policy "requiredDuringSchedulingIgnoredDuringExecution" }}
    requiredDuringSchedulingIgnoredDuringExecution:
      - labelSelector:
          matchLabels:
            app: {{ .app }}
        topologyKey: {{ $global.ha.topologyKey }}
    {{- else }}
    {{- fail (printf "global.ha.podAntiAffinityPolicy is %q; it can be preferredDuringSchedulingIgnoredDuringExecution or requiredDuringSchedulingIgnoredDuringExecution" $policy) }}
    {{- end }}
  {{- end }}
{{- end }}

{{/* Fails where a Go debugger is asked for: there is none in these images. */}}
{{- define "dapr.noDebugger" -}}
{{- if .Values.debug.enabled }}
{{- fail (printf "%s.debug.enabled is true, but the images of this chart are no Go programs and have no debugger in them; set it to false" .Chart.Name) }}
{{- end }}
{{- end }}

{{/* A disruption budget. Takes "root", "app" and "name". */}}
{{- define "dapr.disruptionBudget" -}}
{{- $disruption := .root.Values.global.ha.disruption -}}
{{- $least := toString $disruption.minimumAvailable -}}
{{- $most := toString $disruption.maximumUnavailable -}}
{{- if and $least $most (ne $least "<nil>") (ne $most "<nil>") (ne $most "25%") }}
{{- fail "global.ha.disruption: set minimumAvailable or maximumUnavailable, not both; Kubernetes takes one of them" }}
{{- end -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ .name }}
  namespace: {{ .root.Release.Namespace }}
  labels:
    app: {{ .app }}
    {{- include "dapr.labels" .root | trim | nindent 4 }}
spec:
  {{- if and $least (ne $least "<nil>") }}
  minAvailable: {{ $disruption.minimumAvailable }}
  {{- else }}
  maxUnavailable: {{ $disruption.maximumUnavailable }}
  {{- end }}
  selector:
    matchLabels:
      {{- include "dapr.podLabels" . | trim | nindent 6 }}
{{- end }}

{{/* Addresses and names that several charts tell. */}}
{{- define "dapr.sentryAddress" -}}
{{- .Values.global.mtls.sentryAddress | default (printf "dapr-sentry.%s.svc.cluster.local:443" .Release.Namespace) }}
{{- end }}

{{- define "dapr.replicas" -}}
{{- if .Values.global.ha.enabled }}{{ .Values.global.ha.replicaCount }}{{ else }}{{ .Values.replicaCount }}{{ end }}
{{- end }}

{{/* Where sidecars find the services that keep actors and reminders. */}}
{{- define "address.placement" -}}dapr-placement-server:50005{{- end }}
{{- define "address.scheduler" -}}dapr-scheduler-server:50006{{- end }}

{{- define "dapr.actorsAddress" -}}
{{- include (printf "address.%s" .Values.global.actors.serviceName) . }}
{{- end }}

{{/* Whether placement is part of this release. */}}
{{- define "dapr.withPlacement" -}}
{{- if and .Values.global.actors.enabled (eq .Values.global.actors.serviceName "placement") }}yes{{ end }}
{{- end }}
