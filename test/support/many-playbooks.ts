/** One of any number of playbooks, of which one in a hundred asks for no certain service. */
export function playbookText(index: number): string {
  const service = index % 100 === 0 ? `=~ "shop_(api|web)_${index}"` : `= "shop_api_${index}"`;
  return `name: scale-service-${index}
summary: Adds replicas to service ${index} while it answers too slowly.
match:
  - service ${service}
  - severity =~ "warning|critical"
mode: auto
steps:
  - swarm.scale: { service: "\${{ labels.service }}", by: 1, max: 8 }
    settle: 2m
    repeat: 3
guards: { cooldown: 10m, limits: [3 per 1h, 7 per 1d] }
`;
}
