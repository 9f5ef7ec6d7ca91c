import type { TargetEvent } from '../integrations/contract/evidence.js';

/** An event of a target in words: `web deployed: shop:1.4 → shop:1.5`. */
export function describeEvent({ kind, name, from, to, besides }: TargetEvent): string {
  switch (kind) {
    case 'deployed':
      return `${name} deployed: ${describeImages(from ?? '', to ?? '')}${besides ? ', with other settings' : ''}`;
    case 'updated':
      return `${name} updated with the same image`;
    case 'restarted':
      return `${name} restarted`;
    case 'scaled':
      return `${name} scaled: ${from} → ${to}`;
    case 'created':
      return `${name} created${to === undefined ? '' : `: ${withoutDigest(to)}`}`;
    case 'removed':
      return `${name} removed`;
    case 'rollout_paused':
      return `Rollout of ${name} paused`;
    case 'rolled_back':
      return `${name} rolled back: ${describeImages(from ?? '', to ?? '')}`;
    case 'node_joined':
      return `Node ${name} joined`;
    case 'node_left':
      return `Node ${name} left`;
    case 'node_down':
      return `Node ${name} is ${to ?? 'down'}`;
    case 'node_up':
      return `Node ${name} is ready again`;
    case 'node_availability':
      return `Node ${name} set to ${to}`;
  }
}

/** Two versions of an image, with their digests only where nothing else tells them apart. */
function describeImages(from: string, to: string): string {
  const [shortFrom, shortTo] = [withoutDigest(from), withoutDigest(to)];
  if (shortFrom !== shortTo) return `${shortFrom} → ${shortTo}`;
  return `${shortTo}, ${digestOf(from)} → ${digestOf(to)}`;
}

function withoutDigest(image: string): string {
  return image.replace(/@sha256:[0-9a-f]+$/, '');
}

/** As many digits as tell images apart. */
function digestOf(image: string): string {
  return /@sha256:([0-9a-f]{12})/.exec(image)?.[1] ?? 'no digest';
}
