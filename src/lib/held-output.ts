import { type DestinationStream, pino } from 'pino';

/** Where log lines go that must not come before the report of a start. */
export interface HeldOutput extends DestinationStream {
  /** Writes what was held, and holds nothing from then on. */
  release(): void;
}

/** Holds lines back until they are released, or the process or its thread ends. */
export function createHeldOutput(destination: DestinationStream = pino.destination(1)): HeldOutput {
  let held: string[] | undefined = [];

  function release(): void {
    const lines = held ?? [];
    held = undefined;
    for (const line of lines) destination.write(line);
  }

  process.once('exit', release);
  return {
    write(line) {
      if (held === undefined) destination.write(line);
      else held.push(line);
    },
    release,
  };
}
