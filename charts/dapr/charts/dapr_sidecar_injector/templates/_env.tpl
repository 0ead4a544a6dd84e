{{/* What the injector is told by its environment: how the sidecar looks that it puts into pods. */}}
{{- define "dapr.injectorEnv" -}}
- name: DAPR_TRUST_ANCHORS_FILE
  value: /var/run/secrets/dapr.io/tls/ca.crt
- name: DAPR_CONTROL_PLANE_TRUST_DOMAIN
  value: {{ .Values.global.mtls.controlPlaneTrustDomain | quote }}
- name: DAPR_SENTRY_ADDRESS
  value: {{ include "dapr.sentryAddress" . | quote }}
- name: KUBE_CLUSTER_DOMAIN
  value: {{ .Values.kubeClusterDomain | quote }}
- name: SIDECAR_IMAGE
  value: {{ include "dapr.image" (dict "root" . "name" .Values.image.name) | quote }}
- name: SIDECAR_IMAGE_PULL_POLICY
  value: {{ .Values.sidecarImagePullPolicy | quote }}
- name: SIDECAR_RUN_AS_NON_ROOT
  value: {{ .Values.sidecarRunAsNonRoot | quote }}
- name: SIDECAR_READ_ONLY_ROOT_FILESYSTEM
  value: {{ .Values.sidecarReadOnlyRootFilesystem | quote }}
- name: SIDECAR_DROP_ALL_CAPABILITIES
  value: {{ .Values.sidecarDropALLCapabilities | quote }}
- name: ENABLE_K8S_DOWNWARD_APIS
  value: {{ .Values.enableK8sDownwardAPIs | quote }}
- name: NATIVE_SIDECAR_ENABLED
  value: {{ .Values.nativeSidecar | quote }}
{{- if gt (int .Values.sidecarRunAsUser) 0 }}
- name: SIDECAR_RUN_AS_USER
  value: {{ .Values.sidecarRunAsUser | int | quote }}
{{- end }}
{{- if gt (int .Values.sidecarRunAsGroup) 0 }}
- name: SIDECAR_RUN_AS_GROUP
  value: {{ .Values.sidecarRunAsGroup | int | quote }}
{{- end }}
- name: IGNORE_ENTRYPOINT_TOLERATIONS
  value: {{ .Values.ignoreEntrypointTolerations | quote }}
- name: ACTORS_ENABLED
  value: {{ .Values.global.actors.enabled | quote }}
- name: ACTORS_SERVICE_NAME
  value: {{ .Values.global.actors.serviceName | quote }}
- name: ACTORS_SERVICE_ADDRESS
  value: {{ include "dapr.actorsAddress" . | quote }}
{{- with .Values.global.reminders.serviceName }}
- name: REMINDERS_SERVICE_NAME
  value: {{ . | quote }}
- name: REMINDERS_SERVICE_ADDRESS
  value: {{ include (printf "address.%s" .) $ | quote }}
{{- end }}
{{- with .Values.allowedServiceAccounts }}
- name: ALLOWED_SERVICE_ACCOUNTS
  value: {{ . | quote }}
{{- end }}
{{- with .Values.allowedServiceAccountsPrefixNames }}
- name: ALLOWED_SERVICE_ACCOUNTS_PREFIX_NAMES
  value: {{ . | quote }}
{{- end }}
{{- end }}
