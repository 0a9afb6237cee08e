import type { Kind } from '../../wire/types.gen.ts'

/** Where a sender runs, as seen from this server. */
export type Where = 'here' | 'container' | 'elsewhere'

/** What to paste somewhere, under a title that says where. */
export interface Snippet {
  readonly title: string
  readonly text: string
}

/** What a new integration was given, this once. */
export interface Given {
  readonly kind: Kind
  readonly url: string
  readonly key: string
}

/** The kinds of senders that can be connected. */
export const senders: readonly { readonly kind: Kind; readonly words: string; readonly hint: string }[] = [
  { kind: 'alertmanager', words: 'Alertmanager', hint: 'Prometheus Alertmanager, by its webhook. Groups, repeats and resolves are understood.' },
  { kind: 'pagerduty', words: 'PagerDuty events', hint: 'Whatever speaks PagerDuty Events v2: Grafana, Zabbix, Uptime Kuma and hundreds more.' },
  { kind: 'slack', words: 'Slack webhook', hint: 'Whatever posts to a Slack incoming webhook. Attachments become cards or incidents.' },
  { kind: 'json', words: 'Plain JSON', hint: 'Anything that can send a line over HTTP: scripts, cron, your own services.' },
]

/** What a kind of sender is called. */
export function kindWords(kind: Kind): string {
  const sender = senders.find((one) => one.kind === kind)
  if (sender !== undefined) return sender.words
  return kind === 'checks' ? 'Checks' : 'By hand'
}

const loopback = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/

/** Whether only this machine reaches an address. */
export function isLocal(url: string): boolean {
  return loopback.test(new URL(url).hostname)
}

/** The address as a sender reaches it that runs there. From elsewhere a loopback address is none at all. */
export function reachable(url: string, where: Where): string | undefined {
  if (!isLocal(url)) return url
  const at = new URL(url)
  switch (where) {
    case 'here':
      return url
    case 'container':
      at.hostname = 'host.docker.internal'
      return at.href
    case 'elsewhere':
      return undefined
  }
}

/** What else has to be done so that the sender gets through, in words. */
export function advice(url: string, where: Where): string | undefined {
  if (!isLocal(url)) return undefined
  switch (where) {
    case 'here':
      return undefined
    case 'container':
      return `Inside a container 127.0.0.1 is the container itself. Docker Desktop reaches this machine as host.docker.internal. On Linux start the container with --network=host and use ${new URL(url).origin} as it is.`
    case 'elsewhere':
      return `The server's public_url is ${new URL(url).origin}, which no other machine reaches. Set public_url in watchroom.yaml to an HTTPS address that they reach, start it again, and rotate the key to see the address.`
  }
}

/** What to paste for a sender that runs there, in the order in which it is done. */
export function snippets(given: Given, where: Where): readonly Snippet[] {
  const url = reachable(given.url, where) ?? given.url.replace(new URL(given.url).origin, 'https://watchroom.example.org')
  switch (given.kind) {
    case 'alertmanager':
      return alertmanager(url, where)
    case 'pagerduty':
      return pagerduty(url, given.key)
    case 'slack':
      return slack(url)
    case 'json':
      return json(url)
    case 'checks':
    case 'manual':
      return []
  }
}

function alertmanager(url: string, where: Where): readonly Snippet[] {
  const tool = where === 'container' ? 'docker exec alertmanager amtool' : 'amtool'
  const file = where === 'container' ? '/etc/alertmanager/alertmanager.yml' : '/etc/prometheus/alertmanager.yml'
  const rehearsal = `alertname=Rehearsal rehearsal=watchroom service=checkout severity=critical \\
  --annotation=summary='A rehearsal: checkout is down' \\
  --alertmanager.url=http://localhost:9093`
  return [
    {
      title: 'Merge into alertmanager.yml: a second receiver, beside the pager that you have',
      text: `route:
  receiver: present            # your own root route stays as it is
  routes:
    - receiver: watchroom      # the rehearsal rings at once
      matchers: ['rehearsal="watchroom"']
      group_wait: 0s
      group_interval: 10s
    - receiver: watchroom      # everything else comes here as well;
      continue: true           # then it goes on to your own routes
    # your own routes stay here
    - receiver: present        # the last one: your present pager gets what it got before

receivers:
  - name: present              # your own receivers stay as they are
  - name: watchroom
    webhook_configs:
      - url: '${url}'
        send_resolved: true
`,
    },
    { title: 'Check it and load it', text: `${tool} check-config ${file}\ncurl -X POST http://localhost:9093/-/reload\n` },
    { title: 'Fire a critical rehearsal', text: `${tool} alert add ${rehearsal}\n` },
    { title: 'And let it be well again', text: `${tool} alert add ${rehearsal} \\\n  --end="$(date -u +%Y-%m-%dT%H:%M:%SZ)"\n` },
  ]
}

function pagerduty(url: string, key: string): readonly Snippet[] {
  const event = (action: string, payload: string) => `curl -X POST '${url}' \\
  -H 'Content-Type: application/json' -d '{
  "routing_key": "${key}", "event_action": "${action}", "dedup_key": "rehearsal"${payload}
}'
`
  return [
    { title: 'The routing key, also called integration key', text: key },
    { title: 'The address of the Events API, where the sender asks for one', text: url },
    { title: 'Fire a critical rehearsal', text: event('trigger', `,\n  "payload": {"summary": "A rehearsal: checkout is down", "source": "web-1", "severity": "critical"}`) },
    { title: 'And let it be well again', text: event('resolve', '') },
    {
      title: 'In Alertmanager',
      text: `receivers:
  - name: watchroom
    pagerduty_configs:
      - routing_key: ${key}
        url: '${url}'
        severity: '{{ or .CommonLabels.severity "error" }}'
        send_resolved: true
`,
    },
  ]
}

function slack(url: string): readonly Snippet[] {
  return [
    { title: 'The webhook URL', text: url },
    {
      title: 'Post an alert',
      text: `curl -X POST '${url}' \\
  -H 'Content-Type: application/json' -d '{
  "attachments": [{"color": "danger", "title": "(critical) A rehearsal: checkout is down", "text": "41 % of requests fail"}]
}'
`,
    },
    { title: 'Post a message', text: `curl -X POST '${url}' \\
  -H 'Content-Type: application/json' -d '{"text": "Deploy 4711 is out"}'\n` },
    {
      title: 'In Alertmanager',
      text: `receivers:
  - name: watchroom
    slack_configs:
      - api_url: '${url}'
        channel: '#ops'
        send_resolved: true      # Alertmanager leaves this off for Slack
        title: '({{ or .CommonLabels.severity "low" }}) {{ .CommonLabels.alertname }}'
`,
    },
  ]
}

function json(url: string): readonly Snippet[] {
  const post = (body: string) => `curl -X POST '${url}' \\
  -H 'Content-Type: application/json' -d '${body}'\n`
  return [
    { title: 'The address', text: url },
    {
      title: 'Fire a critical rehearsal',
      text: post(`{
  "title": "A rehearsal: checkout is down", "text": "41 % of requests fail", "severity": "critical",
  "key": "rehearsal", "labels": {"service": "checkout"}, "runbook": "https://example.org/runbooks/checkout"
}`),
    },
    { title: 'And let it be well again', text: post('{"key": "rehearsal", "status": "resolved", "title": "Checkout is well again"}') },
    { title: 'A line of plain text is a low alert', text: `echo 'the backup of last night is missing' | \\
  curl --data-binary @- '${url}'\n` },
  ]
}
