import { formatDuration, formatTime } from '../../time.js';
import { approveAfterMs } from '../backtest/backtest.js';
import type { Counts } from '../backtest/tally.js';
import type { Trial } from './trial.js';

/** What a draft would have done with the recorded history, in sentences. */
export function describeTrial(trial: Trial): string {
  const { fromMs, toMs, deliveries, cut, alerts, asked, changes, held, instead } = trial;
  if (fromMs === null || toMs === null) {
    return 'There is no history to try it on: nothing was recorded yet, or the policy keeps none.';
  }
  const span = `from ${formatTime(fromMs)} to ${formatTime(toMs)} (${counted(deliveries, 'delivery', 'deliveries')} of alerts${cut ? '; there was more, which was not looked at' : ''})`;
  if (alerts === 0) return `Tried on what was received ${span}: it would have taken no alert.`;
  const sentences = [
    `Tried on what was received ${span}: it would have taken ${counted(alerts, 'alert')}, asked ${counted(asked, 'time')} and, approved ${formatDuration(approveAfterMs)} later each time, made ${counted(changes, 'change')}.`,
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
