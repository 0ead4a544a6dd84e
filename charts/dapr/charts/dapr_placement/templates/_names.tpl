{{/* "yes" where several placements elect their leader. */}}
{{- define "dapr.placementElects" -}}
{{- if or .Values.global.ha.enabled .Values.ha }}yes{{ end }}
{{- end }}

{{/* All replicas of the stateful set, as placement wants to be told of them: id=host:port. */}}
{{- define "dapr.placementPeers" -}}
{{- $peers := list }}
{{- range $number := until 3 }}
{{- $id := printf "dapr-placement-server-%d" $number }}
{{- $peers = append $peers (printf "%s=%s.dapr-placement-server.%s.svc%s:8201" $id $id $.Release.Namespace $.Values.global.dnsSuffix) }}
{{- end }}
{{- join "," $peers }}
{{- end }}
