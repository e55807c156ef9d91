{{- define "line.selector" -}}
app.kubernetes.io/name: priority-line
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "line.labels" -}}
{{ include "line.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{/* The specification of a pod; called with the root as .root and the process as .kind */}}
{{- define "line.pod" -}}
{{- $values := .root.Values -}}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with $values.image.pullSecrets }}
imagePullSecrets: {{ toJson . }}
{{- end }}
{{- with $values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with $values.nodeSelector }}
nodeSelector: {{ toJson . }}
{{- end }}
{{- with $values.tolerations }}
tolerations: {{ toJson . }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 1000
  runAsGroup: 1000
  fsGroup: 1000
  seccompProfile: {type: RuntimeDefault}
containers:
  - name: {{ .kind }}
    image: "{{ $values.image.repository }}:{{ $values.image.tag | default .root.Chart.AppVersion }}"
    imagePullPolicy: {{ $values.image.pullPolicy }}
    args: [{{ .kind }}{{ if eq .kind "backup" }}, /backups/line.backup{{ end }}]
    env:
      - {name: PUBLIC_URL, value: {{ printf "https://%s" $values.host | quote }}}
      - {name: SECRETS_DIR, value: /run/secrets/line}
      - {name: FALLBACK_FILE, value: /srv/line/var/fallback.json}
      - {name: MEDIA_DIR, value: /srv/line/var/media}
      - {name: ALIVE_FILE, value: /tmp/alive}
      - {name: PORT, value: "5000"}
      {{- if eq .kind "web" }}
      - {name: WEB_CONCURRENCY, value: {{ $values.web.processes | quote }}}
      {{- end }}
      {{- range $name, $value := $values.settings }}
      - {name: {{ $name }}, value: {{ $value | quote }}}
      {{- end }}
    resources: {{ toJson (get $values .kind).resources }}
    securityContext:
      allowPrivilegeEscalation: false
      readOnlyRootFilesystem: true
      capabilities: {drop: [ALL]}
    volumeMounts:
      - {name: secrets, mountPath: /run/secrets/line, readOnly: true}
      - {name: var, mountPath: /srv/line/var}
      - {name: tmp, mountPath: /tmp}
      {{- if eq .kind "backup" }}
      - {name: backups, mountPath: /backups}
      {{- end }}
      {{- with $values.extraVolumeMounts }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
    {{- if eq .kind "web" }}
    ports:
      - {name: http, containerPort: 5000}
    # Not /readyz: without the database a web still connects callers (ADR 31).
    startupProbe:
      httpGet: {path: /healthz, port: http}
      periodSeconds: 2
      failureThreshold: 60
    readinessProbe:
      httpGet: {path: /healthz, port: http}
      periodSeconds: 5
      timeoutSeconds: 5
    livenessProbe:
      httpGet: {path: /healthz, port: http}
      periodSeconds: 10
      timeoutSeconds: 5
      failureThreshold: 6
    lifecycle:
      # Until no node leads requests here any more
      preStop: {exec: {command: [sleep, "5"]}}
    {{- else if has .kind (list "worker" "clock") }}
    startupProbe:
      exec: {command: [priority-line, health]}
      periodSeconds: 5
      timeoutSeconds: 10
      failureThreshold: 24
    livenessProbe:
      exec: {command: [priority-line, health]}
      periodSeconds: 30
      timeoutSeconds: 10
      failureThreshold: 3
    {{- end }}
volumes:
  - name: secrets
    secret: {secretName: {{ $values.secretName }}, defaultMode: 0440}
  - name: var
    emptyDir: {}
  - name: tmp
    emptyDir: {}
  {{- if eq .kind "backup" }}
  - name: backups
    persistentVolumeClaim: {claimName: {{ $values.backup.claim }}}
  {{- end }}
  {{- with $values.extraVolumes }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}
