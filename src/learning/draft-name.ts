/** The longest name that leaves room for a number behind it. */
const longest = 58;

/**
 * A name for a playbook that no one has yet, of what fires and what is done:
 * `service-slow-scale-up-web`.
 */
export function draftName(alertname: string, called: string, taken: ReadonlySet<string>): string {
  const words = [kebabCase(alertname), kebabCase(called)].filter((word) => word !== '');
  const base = words.join('-').slice(0, longest).replace(/-+$/, '');
  if (!taken.has(base)) return base;
  let number = 2;
  while (taken.has(`${base}-${number}`)) number += 1;
  return `${base}-${number}`;
}

function kebabCase(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1-$2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
}
