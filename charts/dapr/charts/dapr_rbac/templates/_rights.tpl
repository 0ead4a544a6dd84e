{{/*
The account of a service, and how roles are bound to it. Rights that reach beyond the release's namespace stand in a
ClusterRole; where global.rbac.namespaced is set, the same rights are given in the release's namespace by a Role.
*/}}

{{/* A ServiceAccount. Takes "root" and "service". */}}
{{- define "dapr.account" -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  name: dapr-{{ .service }}
  namespace: {{ .root.Release.Namespace }}
  labels:
    {{- include "dapr.labels" .root | trim | nindent 4 }}
  {{- with (get .root.Values.serviceAccount .service).annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}

{{/* A role and its binding. Takes "root", "service", "name", "clusterWide", and "rules" as text. */}}
{{- define "dapr.role" -}}
{{- $metadata := include "dapr.roleMetadata" . -}}
apiVersion: rbac.authorization.k8s.io/v1
kind: {{ if .clusterWide }}ClusterRole{{ else }}Role{{ end }}
metadata:
  {{- $metadata | nindent 2 }}
rules:
  {{- .rules | trim | nindent 2 }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: {{ if .clusterWide }}ClusterRoleBinding{{ else }}RoleBinding{{ end }}
metadata:
  {{- $metadata | nindent 2 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: {{ if .clusterWide }}ClusterRole{{ else }}Role{{ end }}
  name: {{ .name }}
subjects:
  - kind: ServiceAccount
    name: dapr-{{ .service }}
    namespace: {{ .root.Release.Namespace }}
{{- end }}

{{- define "dapr.roleMetadata" -}}
name: {{ .name }}
{{- if not .clusterWide }}
namespace: {{ .root.Release.Namespace }}
{{- end }}
labels:
  {{- include "dapr.labels" .root | trim | nindent 2 }}
{{- end }}
