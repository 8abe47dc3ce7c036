{{- define "podbook.name" -}}
{{- if contains "podbook" .Release.Name -}}{{ .Release.Name }}{{- else -}}{{ .Release.Name }}-podbook{{- end -}}
{{- end -}}

{{- define "podbook.runs" -}}
{{ .Values.runs.namespace | default (printf "%s-runs" .Release.Name) }}
{{- end -}}

{{/* Arguments: the root, the part. */}}
{{- define "podbook.labels" -}}
{{ include "podbook.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end -}}

{{- define "podbook.selector" -}}
app.kubernetes.io/name: podbook
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .part }}
{{- end -}}

{{/* Arguments: the root, the image's values. */}}
{{- define "podbook.image" -}}
{{- with .root.Values.images.registry }}{{ . }}/{{ end -}}
{{ .image.repository }}:{{ .image.tag | default .root.Chart.AppVersion }}
{{- end -}}

{{- define "podbook.intakeUrl" -}}
{{ ternary "https" "http" (ne .Values.api.intakeTls.secret "") }}://{{ include "podbook.name" . }}-intake.{{ .Release.Namespace }}.svc:5051
{{- end -}}

{{- define "podbook.podSecurity" -}}
runAsNonRoot: true
{{- with .Values.podSecurity.runAsUser }}
runAsUser: {{ int64 . }}
runAsGroup: {{ int64 . }}
fsGroup: {{ int64 . }}
{{- end }}
seccompProfile: {type: RuntimeDefault}
{{- end -}}

{{- define "podbook.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end -}}

{{/* Arguments: the part's values. */}}
{{- define "podbook.placement" -}}
{{- with .nodeSelector }}
nodeSelector: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .tolerations }}
tolerations: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .affinity }}
affinity: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .topologySpreadConstraints }}
topologySpreadConstraints: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- end -}}

{{/* Arguments: the part's values. In a block of metadata. */}}
{{- define "podbook.accountAnnotations" -}}
{{- with .serviceAccountAnnotations }}
annotations: {{ toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* Ours last: a Service finds its pods by them. Arguments: the part's values, its own labels. */}}
{{- define "podbook.podLabels" -}}
{{ merge (fromYaml .own) .values.podLabels | toYaml }}
{{- end -}}

{{/* The account of the loader, as the cluster names it. */}}
{{- define "podbook.loader" -}}
system:serviceaccount:{{ .Release.Namespace }}:{{ include "podbook.name" . }}-catalog
{{- end -}}
