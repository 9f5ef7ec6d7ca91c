import { type Logger, pino } from 'pino';

export type { Logger };

/** Writes JSON lines to standard output; values under keys that name a secret are left out. */
export function createLogger(level: string): Logger {
  return pino({
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: {
      paths: ['*.token', '*.secret', '*.password', '*.authorization', '*.headers'],
      censor: '[secret]',
    },
  });
}
