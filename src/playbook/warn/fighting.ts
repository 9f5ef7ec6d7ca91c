import { resizeParams } from '../../integrations/contract/resize.js';
import type { ParsedPlaybook } from '../parse.js';
import type { Playbook, Step } from '../playbook.js';
import type { PlaybookProblem } from '../problem.js';
import { commonAlert, implies } from './overlap.js';

type Direction = 'up' | 'down';

/** A step that is known to go up or down, and what it changes. */
interface Move {
  readonly order: number;
  readonly parsed: ParsedPlaybook;
  readonly index: number;
  readonly step: Step;
  readonly direction: Direction;
}

/**
 * Playbooks of which one takes away what the other adds: both match one alert, name one target and go
 * opposite ways, and nothing but `continue` or their order stands between them. A playbook with
 * `when` is left out, as is one whose matchers are a part of the other's (an exception to a rule).
 */
export function fighting(parsed: readonly ParsedPlaybook[]): PlaybookProblem[] {
  const byTarget = new Map<string, Move[]>();
  for (const [order, each] of parsed.entries()) {
    const { mode, when, steps } = each.playbook;
    if (mode === 'shadow' || when !== undefined) continue;
    for (const [index, step] of steps.entries()) {
      const direction = directionOf(step);
      if (direction === undefined) continue;
      const target = targetOf(step);
      const moves = byTarget.get(target) ?? [];
      moves.push({ order, parsed: each, index, step, direction });
      byTarget.set(target, moves);
    }
  }
  const told = new Set<string>();
  const problems: PlaybookProblem[] = [];
  for (const moves of byTarget.values()) {
    const earlierThan = createMeetings(moves);
    for (const later of moves) {
      for (const earlier of earlierThan(later)) {
        if (earlier.order >= later.order || earlier.direction === later.direction) continue;
        const message = explain(earlier, later);
        const pair = `${earlier.order} ${later.order}`;
        if (message === undefined || told.has(pair)) continue;
        told.add(pair);
        const path = ['steps', later.index, later.step.action.name];
        problems.push(later.parsed.document.problem({ path, onKey: true }, message));
      }
    }
  }
  return problems;
}

/**
 * Those of some moves whose alerts a move may share, in order: of the label by which most of them are
 * told apart they ask for the same value, or for no certain one.
 */
function createMeetings(moves: readonly Move[]): (move: Move) => readonly Move[] {
  const values = new Map<string, Set<string>>();
  for (const { parsed } of moves) {
    for (const { name, op, value } of parsed.playbook.match) {
      if (op === '=') values.set(name, (values.get(name) ?? new Set()).add(value));
    }
  }
  const [label] = [...values].sort(([, a], [, b]) => b.size - a.size)[0] ?? [];
  const askedBy = ({ parsed }: Move) =>
    parsed.playbook.match.find(({ name, op }) => op === '=' && name === label)?.value;
  const byValue = new Map<string | undefined, Move[]>();
  for (const move of moves) {
    const value = askedBy(move);
    const others = byValue.get(value);
    if (others === undefined) byValue.set(value, [move]);
    else others.push(move);
  }
  return (move) => {
    const value = askedBy(move);
    if (value === undefined) return moves;
    return [...(byValue.get(value) ?? []), ...(byValue.get(undefined) ?? [])].sort(
      (a, b) => a.order - b.order,
    );
  };
}

function explain(earlier: Move, later: Move): string | undefined {
  const first = earlier.parsed.playbook;
  const second = later.parsed.playbook;
  const alert = commonAlert(first, second);
  if (alert === undefined) return undefined;
  const isException = implies(first, second) || implies(second, first);
  if (isException && !first.continue) return undefined;
  const labels = Object.entries(alert).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  const both = `this step scales ${later.direction}, ${nameOf(first)} scales ${earlier.direction} on the same target, and both match an alert with ${labels.join(', ') || 'no labels'}`;
  return first.continue
    ? `${both}: they undo each other`
    : `${both}: their order decides; give them matchers that exclude each other`;
}

function nameOf({ name, file }: Playbook): string {
  return `${name} (${file})`;
}

/** Whether a step goes up or down; `undefined` where an expression decides, or it does neither. */
function directionOf({ params }: Step): Direction | undefined {
  const by = params.by?.source;
  const direction = params.direction?.source;
  if (typeof by === 'number') return by > 0 ? 'up' : 'down';
  return direction === 'up' || direction === 'down' ? direction : undefined;
}

/** What a step changes, as it is written: its action, and the parameters that are not about the size. */
function targetOf({ action, params }: Step): string {
  const names = Object.keys(params).filter((name) => !Object.hasOwn(resizeParams, name));
  return JSON.stringify([action.name, names.sort().map((name) => [name, params[name]?.source])]);
}
