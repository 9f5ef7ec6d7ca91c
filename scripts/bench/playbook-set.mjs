// Ten thousand playbooks as a large installation has them: most for one service each, a tenth of them on
// one alert, some with conditions and several steps, and one in a hundred that names no value at all.

const teams = ['payments', 'search', 'checkout', 'platform', 'media'];

/** The files of `count` playbooks, each of them different. */
export function playbookSet(count) {
  return Array.from({ length: count }, (_, index) => ({
    file: `${teams[index % teams.length]}/${String(index).padStart(6, '0')}.yaml`,
    text: textOf(index),
  })).sort((a, b) => (a.file < b.file ? -1 : 1));
}

/** The labels of an alert for the playbook of that number. */
export function alertFor(index) {
  return {
    alertname: alertnameOf(index),
    service: serviceOf(index),
    severity: 'warning',
    cluster: `prod-${index % 4}`,
    instance: `10.0.${index % 250}.${index % 240}:9100`,
  };
}

function serviceOf(index) {
  return `shop_${teams[index % teams.length]}_${index}`;
}

function alertnameOf(index) {
  return index % 10 === 1 ? 'ServiceSlow' : `${teams[index % teams.length]}Errors${index % 1000}`;
}

function textOf(index) {
  if (index % 100 === 0) return withoutValue(index);
  const extra = index % 100;
  const when =
    extra < 6
      ? `when: labels.service.startsWith("shop_") && labels.instance != "10.0.0.${index}"\n`
      : '';
  return `# Looked after by ${teams[index % teams.length]}; see the runbook of service ${index}.
name: scale-service-${index}
summary: Adds replicas to service ${index} while it answers too slowly.
owner: ${teams[index % teams.length]}
match:
  - alertname = "${alertnameOf(index)}"
  - service = "${serviceOf(index)}"
  - severity =~ "warning|critical"
${when}mode: auto
steps:
${extra > 90 ? severalSteps(index) : oneStep(index)}guards:
  cooldown: 10m
  limits: [3 per 1h, 7 per 1d]
escalate: { channel: "#${teams[index % teams.length]}", after: 15m }
`;
}

function oneStep(index) {
  return `  - swarm.scale: { service: "\${{ labels.service }}", by: 1, max: ${4 + (index % 20)} }
    settle: 2m
    repeat: 3
`;
}

function severalSteps(index) {
  return `  - swarm.scale:
      service: "\${{ labels.service }}"
      by: '\${{ labels.severity == "critical" ? ${2 + (index % 3)} : 1 }}'
      max: 12
    settle: 2m
    repeat: 3
    undo: true
  - swarm.restart: { service: "${serviceOf(index)}" }
    settle: 5m
`;
}

/** One that names no value of any label: by an expression, or by what a label is not. */
function withoutValue(index) {
  const service = [
    `service =~ "shop_(api|web)_${index}"`,
    `service =~ "shop_${index}_.*"`,
    `service =~ ".*_cache_${index}"`,
    `cluster !~ "prod-.*|stage-${index}"`,
  ][(index / 100) % 4];
  return `name: restart-service-${index}
summary: Restarts what hangs.
match:
  - ${service}
  - alertname != "Watchdog"
  - severity =~ "warning|critical"
mode: approve
steps:
  - swarm.restart: { service: "\${{ labels.service }}" }
`;
}
