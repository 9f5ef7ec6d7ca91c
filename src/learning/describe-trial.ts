import { formatDuration, formatTime } from '../lib/time.js';
import { approveAfterMs } from '../simulation/backtest/backtest.js';
import type { Counts } from '../simulation/backtest/tally.js';
import type { Trial } from './trial.js';

/** What a draft would have done with the recorded history, in sentences. */
export function describeTrial(trial: Trial): string {
  const { fromMs, toMs, deliveries, cut, alerts, asked, changes, held, instead } = trial;
  if (fromMs === null || toMs === null) {
    return 'No backtest: no notification is recorded yet, or the policy keeps no history.';
  }
  const span = `from ${formatTime(fromMs)} to ${formatTime(toMs)} (${counted(deliveries, 'delivery', 'deliveries')} of alerts${cut ? '; more is not included' : ''})`;
  if (alerts === 0) return `Backtest ${span}: no alert would match.`;
  const sentences = [
    `Backtest ${span}: it would match ${counted(alerts, 'alert')}, ask ${counted(asked, 'time')} and make ${counted(changes, 'change')}, if approved after ${formatDuration(approveAfterMs)} each time.`,
    listed('Without it they went', instead),
    listed('Held back', held),
  ];
  return sentences.filter((sentence) => sentence !== '').join(' ');
}

function listed(what: string, counts: Counts): string {
  const words = Object.entries(counts).map(([word, count]) => `${word} ${count}`);
  return words.length === 0 ? '' : `${what}: ${words.join(', ')}.`;
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}
