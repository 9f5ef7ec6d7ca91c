import { type DestinationStream, type Logger, pino } from 'pino';
import { messageOf } from './errors.js';
import { visible } from './visible.js';

export type { Logger };

/**
 * Writes JSON lines to standard output. Values under keys that name a secret are left out; characters that a
 * terminal would act on are escaped.
 *
 * @param destination where the lines go instead
 */
export function createLogger(level: string, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    // the escapes of JSON leave C1 controls and marks of direction as they are
    hooks: { streamWrite: (line: string) => visible(line, '\n') },
    serializers: { err: (error: unknown) => shownError(error) },
    redact: {
      paths: ['*.token', '*.secret', '*.password', '*.authorization', '*.headers'],
      censor: '[secret]',
    },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

const maxCauses = 8;

/**
 * What a log shows of an error. Its other fields stay out: those of ioredis hold the command with all
 * its arguments, whole transactions of alerts among them.
 */
function shownError(error: unknown, causes = maxCauses): unknown {
  if (!(error instanceof Error)) return String(error);
  const { name: type, stack, cause } = error;
  const shown = { type, message: messageOf(error), stack };
  if (cause === undefined || causes === 0) return shown;
  return { ...shown, cause: shownError(cause, causes - 1) };
}
